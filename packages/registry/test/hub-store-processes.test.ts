import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { registryText } from "./support/fixture.ts";
import { HubStore, ROWS } from "./support/hub-store.ts";

const SCRIPT = join(import.meta.dir, "support/add-in-process.ts");
const LARGE = new Uint8Array(6_000_000).map((_, index) => (index * 7919) >> 7);

/** A hub whose weights are large enough for processes to meet over them. */
async function setUp(): Promise<{ store: HubStore; builtin: string }> {
  const store = await HubStore.start();
  store.commit({ "onnx/model.onnx": LARGE });
  return { store, builtin: store.fixture.write("registry.toml", registryText({ tiny: ROWS })) };
}

/** Runs an `add` in a process of its own; `limit` in kilobytes is the largest file it can write. */
async function add(
  { store, builtin }: { store: HubStore; builtin: string },
  { dieAt, limit, home = store.fixture.home }: { dieAt?: string; limit?: number; home?: string } = {},
): Promise<{ code: number | null; output: string }> {
  const run = [process.execPath, SCRIPT, home, builtin, "tiny", ...(dieAt === undefined ? [] : [dieAt])];
  const limited = ["bash", "-c", `trap '' XFSZ; ulimit -f ${limit}; exec "$@"`, "limited", ...run];
  const child = Bun.spawn(limit === undefined ? run : limited, {
    env: { ...process.env, HF_ENDPOINT: store.hub.endpoint, HF_HOME: join(store.fixture.root, "hf") },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return { code, output };
}

/** Every lock there is, in the store and in the hub's cache. */
function locks(store: HubStore): string[] {
  const all = [store.fixture.home, store.cache].filter((folder) => existsSync(folder));
  return all.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((path) => /\.busy/.test(path)),
  );
}

async function expectWhole(store: HubStore): Promise<void> {
  const registry = await store.open();
  expect((await registry.verify("tiny")).files.map(({ size }) => size)).toContain(LARGE.length);
  expect(locks(store)).toEqual([]);
  expect(readdirSync(join(store.fixture.home, "models", "tiny"))).toHaveLength(1);
}

test("of processes that add one model of the hub at once, one downloads and the others use it", async () => {
  const setup = await setUp();
  await using store = setup.store;
  const results = await Promise.all([1, 2, 3].map(() => add(setup)));
  expect(results.map(({ output }) => output).sort()).toEqual([
    "fetched fetched\n",
    "present present\n",
    "present present\n",
  ]);
  expect(store.hub.fileBytes).toBeLessThan(LARGE.length * 1.01);
  await expectWhole(store);
});

test("so do processes of two homes that share the hub's cache", async () => {
  const setup = await setUp();
  await using store = setup.store;
  const other = join(store.fixture.root, "other-home");
  const results = await Promise.all([add(setup), add(setup, { home: other })]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(store.hub.fileBytes).toBeLessThan(LARGE.length * 1.01);
  await expectWhole(store);
});

test.each(["checking", "asking", "fetching", "here", "done"])(
  "an add that is killed while %s blocks nobody, and the next goes on from there",
  async (dieAt) => {
    const setup = await setUp();
    await using store = setup.store;
    expect((await add(setup, { dieAt })).code).not.toBe(0);
    const states = await (await store.open()).status("tiny");
    // What is in place is never a wrong file.
    for (const { state } of states.flatMap(({ files }) => files)) expect(state).not.toBe("damaged");
    const { output, code } = await add(setup);
    expect([output, code]).toEqual([expect.stringMatching(/^(fetched|reused|present) /), 0]);
    // The small file is "here" while the large one is on its way: what sockets and memory held of that comes again.
    const most = dieAt === "here" ? 2 : 1.05;
    expect(store.hub.fileBytes).toBeLessThan(LARGE.length * most);
    await expectWhole(store);
  },
);

test("a disk that is full is an error, with no wrong file in place, and is gone on from", async () => {
  const setup = await setUp();
  await using store = setup.store;
  const { output } = await add(setup, { limit: 2_000 });
  expect(output).toMatch(/^IO: /);
  expect(await (await store.open()).status("tiny")).toMatchObject([{ state: "missing" }]);
  expect(locks(store)).toEqual([]);
  expect((await add(setup)).output).toMatch(/^(fetched|reused) fetched\n$/);
  await expectWhole(store);
});
