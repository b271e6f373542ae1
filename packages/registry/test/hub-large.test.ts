/** Files that do not fit into the memory of a download: many blocks, digested by a thread. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rejection, sha256 } from "./support/fixture.ts";
import { HubFixture, LARGE, LFS, REPO, source, WEIGHTS_PATH } from "./support/hub-fixture.ts";

const MEBIBYTE = 2 ** 20;

test.each([2 * MEBIBYTE - 1, 2 * MEBIBYTE, 2 * MEBIBYTE + 1, 8 * MEBIBYTE, 8 * MEBIBYTE + 1])(
  "a file of %i bytes arrives as it is, by either name",
  async (size) => {
    await using fixture = await HubFixture.start();
    const bytes = LARGE.subarray(0, size);
    for (const lfs of [[WEIGHTS_PATH], []]) {
      fixture.hub.commit(REPO, { [WEIGHTS_PATH]: bytes }, { lfs });
      const file = await fixture.client().fetch(source());
      expect(file).toMatchObject({ sha256: sha256(bytes), size, fetched: true });
      expect(readFileSync(file.location).equals(bytes)).toBe(true);
    }
    expect(fixture.faults()).toEqual([]);
  },
);

test.each([0, 9 * MEBIBYTE, 19_999_999])(
  "one other bit at byte %i of a large file is found",
  async (flip) => {
    await using fixture = await HubFixture.start();
    fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
    fixture.hub.fault = ({ origin }) => (origin === fixture.hub.cdn ? { flip } : undefined);
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({ code: "INTEGRITY" });
    expect(fixture.faults()).toEqual([]);
  },
);

test("a large file that begins anew is digested anew", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
  fixture.hub.fault = ({ origin }) => {
    if (origin !== fixture.hub.cdn) return undefined;
    return fixture.downloads.length === 1 ? { cutAfter: 15_000_000, flip: 5 } : { ignoreRange: true };
  };
  const file = await fixture.client().fetch(source());
  expect(file.sha256).toBe(sha256(LARGE));
  expect(readFileSync(file.location).equals(LARGE)).toBe(true);
  expect(fixture.downloads.map(({ sent }) => sent)).toEqual([15_000_000, LARGE.length]);
});

test.each([
  ["Bun", process.execPath],
  ["Node", "node"],
])(
  "under %s a program that was bundled without the thread's ends with an error that names it",
  async (_, runtime) => {
    await using fixture = await HubFixture.start();
    fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
    const built = await Bun.build({
      entrypoints: [join(import.meta.dir, "support/fetch-in-process.ts")],
      target: "node",
      outdir: fixture.files.root,
      naming: "fetch.mjs",
    });
    expect(built.success).toBe(true);
    const child = Bun.spawn([runtime, join(fixture.files.root, "fetch.mjs"), REPO, WEIGHTS_PATH], {
      env: { ...process.env, ...fixture.env },
      stdout: "pipe",
      stderr: "inherit",
    });
    const said = await child.stdout.text();
    expect(said).toStartWith("IO: a thread that digests or writes a download failed: ");
    expect(said).toContain(join(fixture.files.root, "block-worker.mjs"));
    expect(fixture.faults()).toEqual([]);
  },
);
