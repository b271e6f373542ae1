import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "../src/index.ts";
import { dirSource, Fixture, registryText } from "./support/fixture.ts";

const SCRIPT = join(import.meta.dir, "support/add-in-process.ts");
const KEYS = ["one", "two", "three", "four"];

/** A registry of models whose files are large enough for processes to meet. */
function setUp(fixture: Fixture): string {
  const tokenizer = fixture.write("files/tokenizer.json", "{}");
  const models = KEYS.map((key) => {
    const weights = fixture.write(
      `files/${key}.bin`,
      new Uint8Array(4_000_000).fill(key.length + key.charCodeAt(0)),
    );
    return [
      key,
      [
        { role: "tokenizer", path: "tokenizer.json", sources: [dirSource(tokenizer)] },
        { role: "weights", path: "model.onnx", sources: [dirSource(weights)] },
      ],
    ] as const;
  });
  return fixture.write("registry.toml", registryText(Object.fromEntries(models)));
}

async function start(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = Bun.spawn([process.execPath, SCRIPT, ...args], { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited.then(() => child.exitCode), output: output + errors };
}

test("processes that add different models at once all find their rows in the lock", async () => {
  using fixture = new Fixture();
  const builtin = setUp(fixture);
  const results = await Promise.all(KEYS.map((key) => start(fixture.home, builtin, key)));
  expect(results.map(({ code, output }) => [code, output])).toEqual(KEYS.map(() => [0, "fetched fetched\n"]));
  const lock = JSON.parse(readFileSync(join(fixture.home, "models.lock"), "utf8"));
  expect(Object.keys(lock.models)).toEqual([...KEYS].sort());
  const registry = await openRegistry({ home: fixture.home, builtin, env: {} });
  for (const key of KEYS) expect((await registry.resolve(key)).key).toBe(key);
});

test("of processes that add one model at once, one fetches and the others wait and use it", async () => {
  using fixture = new Fixture();
  const builtin = setUp(fixture);
  const results = await Promise.all([1, 2, 3].map(() => start(fixture.home, builtin, "one")));
  expect(results.map(({ output }) => output).sort()).toEqual([
    "fetched fetched\n",
    "present present\n",
    "present present\n",
  ]);
});

test("a process that was killed blocks nobody and leaves nothing", async () => {
  using fixture = new Fixture();
  const builtin = setUp(fixture);
  expect((await start(fixture.home, builtin, "one", "asking")).code).not.toBe(0);
  expect(readdirSync(join(fixture.home, "models"))).toContain("one.busy");
  const registry = await openRegistry({ home: fixture.home, builtin, env: {} });
  const { folder } = await registry.add("one");
  expect(readdirSync(join(fixture.home, "models"))).toEqual(["one"]);
  expect(
    readdirSync(join(fixture.home, "models/one")).map((name) => join(fixture.home, "models/one", name)),
  ).toEqual([folder]);
});
