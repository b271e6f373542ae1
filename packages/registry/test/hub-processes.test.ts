/** Processes that are killed, that meet, and that find the disk full. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./support/fixture.ts";
import { HubFixture, LARGE, LFS, REPO, source, WEIGHTS_PATH } from "./support/hub-fixture.ts";

const SCRIPT = join(import.meta.dir, "support/fetch-in-process.ts");

function start(
  fixture: HubFixture,
  more: Record<string, string> = {},
): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  return Bun.spawn([process.execPath, SCRIPT, REPO, WEIGHTS_PATH], {
    env: { ...process.env, ...fixture.env, ...more },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

/** Looks until `holds`. Bun's watcher of a folder drops changes that follow each other within a millisecond. */
async function until(holds: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const looking = setInterval(() => {
      if (!holds()) return;
      clearInterval(looking);
      resolve();
    }, 5);
  });
}

test("a process that is killed mid-way is gone on from: less than a hundredth is fetched twice", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
  const half = LARGE.length / 2;
  fixture.hub.fault = ({ origin }) => (origin === fixture.hub.cdn ? { holdAfter: half } : undefined);
  const blobs = join(fixture.cache, "models--owner--name/blobs");
  const partial = join(blobs, `${sha256(LARGE)}.patina.incomplete`);
  const child = start(fixture);
  await until(() => existsSync(partial) && statSync(partial).size === half);
  child.kill("SIGKILL");
  await child.exited;
  expect(fixture.faults()).toEqual([`lock ${sha256(LARGE)}.busy`]);

  fixture.hub.fault = () => undefined;
  const file = await fixture.client().fetch(source());
  expect(readFileSync(file.location)).toEqual(Buffer.from(LARGE));
  const sent = fixture.downloads.reduce((sum, request) => sum + request.sent, 0);
  expect(sent).toBeGreaterThanOrEqual(LARGE.length);
  expect(sent).toBeLessThanOrEqual(LARGE.length * 1.01);
  expect(fixture.faults()).toEqual([]);
});

test("of processes that want one file, one fetches it and the others wait and use it", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
  const children = [1, 2, 3].map(() => start(fixture));
  const said = await Promise.all(children.map(({ stdout }) => stdout.text()));
  expect(said.map((lines) => lines.trim().split("\n").at(-1)).sort()).toEqual([
    "fetched",
    "reused",
    "reused",
  ]);
  expect(fixture.downloads.map(({ sent }) => sent)).toEqual([LARGE.length]);
  expect(fixture.faults()).toEqual([]);
});

test("a full disk is an error that names the file, and is gone on from when there is room", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
  mkdirSync(fixture.cache, { recursive: true });
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", fixture.cache]);
  if (mounted.exitCode !== 0) {
    console.warn(
      `skipped: a full disk needs a small tmpfs, and mount says: ${mounted.stderr.toString().trim()}`,
    );
    return;
  }
  try {
    const said = await start(fixture).stdout.text();
    expect(said).toStartWith("IO: the disk is full: ");
    expect(said).toContain(`${sha256(LARGE)}.patina.incomplete`);
    expect(fixture.faults()).toEqual([]);
    expect(existsSync(join(fixture.cache, "models--owner--name/snapshots"))).toBe(false);
    const partial = statSync(
      join(fixture.cache, "models--owner--name/blobs", `${sha256(LARGE)}.patina.incomplete`),
    );
    expect(Bun.spawnSync(["mount", "-o", "remount,size=64m", fixture.cache]).exitCode).toBe(0);
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(LARGE));
    expect(fixture.downloads.at(-1)?.headers.range).toBe(`bytes=${partial.size}-`);
    expect(readdirSync(join(fixture.cache, "models--owner--name/blobs"))).toEqual([sha256(LARGE)]);
  } finally {
    Bun.spawnSync(["umount", fixture.cache]);
  }
});
