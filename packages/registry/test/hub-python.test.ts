/** One cache, two clients: what Python's `huggingface_hub` fetched is found here, and the other way round. */
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { pythonWith } from "../../../scripts/python-environment.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { HubFixture, REPO, source, TOKENIZER, WEIGHTS, WEIGHTS_PATH } from "./support/hub-fixture.ts";

const SUPPORT = join(import.meta.dir, "support");
const PATHS = ["tokenizer.json", WEIGHTS_PATH];
const DIGESTS = [sha256(TOKENIZER), sha256(WEIGHTS)];
let python = "";

beforeAll(() => {
  const environment = join(import.meta.dir, "../../../target/hub-venv");
  python = pythonWith(join(SUPPORT, "requirements-hub.txt"), environment);
}, 300_000);

/** What Python's client says; it runs beside this process, which serves it. */
async function ask(fixture: HubFixture, command: string, ...paths: string[]): Promise<unknown> {
  const child = Bun.spawn([python, join(SUPPORT, "hub_cache.py"), command, REPO, ...paths], {
    env: {
      ...process.env,
      ...fixture.env,
      HF_HUB_DISABLE_XET: "1",
      HF_HUB_DISABLE_TELEMETRY: "1",
      HF_HUB_DISABLE_PROGRESS_BARS: "1",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, problems] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`Python's client failed: ${problems}`);
  return JSON.parse(output);
}

test("what Python fetched is found without a byte of it being fetched", async () => {
  await using fixture = await HubFixture.start();
  const files = (await ask(fixture, "fetch", ...PATHS)) as { location: string; sha256: string }[];
  expect(files.map((file) => file.sha256)).toEqual(DIGESTS);
  const bytes = fixture.hub.fileBytes;
  for (const client of [fixture.client(), fixture.client({ HF_HUB_OFFLINE: "1" })]) {
    for (const [index, path] of PATHS.entries()) {
      const found = await client.fetch(source(path));
      expect(found).toMatchObject({
        fetched: false,
        sha256: DIGESTS[index],
        location: files[index]?.location,
      });
    }
  }
  expect(fixture.hub.fileBytes).toBe(bytes);
});

test("what was fetched here Python finds, with and without a network, and has nothing to complain about", async () => {
  await using fixture = await HubFixture.start();
  const client = fixture.client();
  const files = await Promise.all(PATHS.map((path) => client.fetch(source(path))));
  const expected = files.map(({ location, sha256 }) => ({ location, sha256 }));
  const bytes = fixture.hub.fileBytes;
  expect(await ask(fixture, "find", ...PATHS)).toEqual(expected);
  expect(await ask(fixture, "fetch", ...PATHS)).toEqual(expected);
  expect(fixture.hub.fileBytes).toBe(bytes);
  expect(await ask(fixture, "scan")).toEqual({
    warnings: [],
    refs: ["main"],
    files: ["model.onnx", "tokenizer.json"],
  });
});

test("a download that was broken off here is no damage to Python, and one more process does no harm", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.fault = ({ origin, headers }) =>
    origin === fixture.hub.cdn && headers.authorization === undefined && fixture.downloads.length <= 3
      ? { cutAfter: fixture.downloads.length === 1 ? 100_000 : 0 }
      : undefined;
  expect(await rejection(fixture.client().fetch(source()))).toMatchObject({ code: "NETWORK" });
  expect(fixture.downloads).toHaveLength(3);
  fixture.hub.fault = () => undefined;
  const [theirs, ours] = await Promise.all([
    ask(fixture, "fetch", ...PATHS),
    fixture.client().fetch(source()),
  ]);
  expect(theirs).toMatchObject(DIGESTS.map((digest) => ({ sha256: digest })));
  expect(ours.sha256).toBe(sha256(WEIGHTS));
  expect(await ask(fixture, "scan")).toMatchObject({ warnings: [] });
});
