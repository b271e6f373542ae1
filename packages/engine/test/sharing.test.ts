/** What the engines of a process share, and what bounds them: threads, memory, the cache of graphs. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@patina/engine";
import { fixture } from "./support/fixtures.ts";

const { spec } = fixture("bert-mean");
const folder = mkdtempSync(join(tmpdir(), "patina-sharing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program of this suite with other variables and returns what it printed. */
function run(source: string, env: Record<string, string>): { output: string; exitCode: number | null } {
  const file = join(import.meta.dir, `.program-${crypto.randomUUID()}.ts`);
  writeFileSync(file, source);
  try {
    const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, file], {
      cwd: import.meta.dir,
      env: { ...process.env, ...env },
    });
    return { output: `${stdout}${stderr}`.trim(), exitCode };
  } finally {
    rmSync(file);
  }
}

/** Opens an engine and prints how many threads of the process are its own. */
const COUNT_THREADS = `
import { readdirSync, readFileSync } from "node:fs";
import { openEngine } from "@patina/engine";
import { fixture } from "./support/fixtures.ts";
await using engine = await openEngine(fixture("bert-mean").spec, { threads: 3 });
await engine.embedBatch(Array(64).fill("the river"));
const count = () =>
  readdirSync("/proc/self/task").filter((id) =>
    readFileSync(\`/proc/self/task/\${id}/comm\`, "utf8").startsWith("patina-embed"),
  ).length;
// A thread names itself once it runs, which on a busy machine is later than it was started.
const deadline = performance.now() + 10_000;
while (count() < Number(process.env.EXPECTED) && performance.now() < deadline) await new Promise(setImmediate);
console.log(count());
`;

test.skipIf(process.platform !== "linux")(
  "PATINA_THREADS caps the workers of an engine (counted in /proc, which only Linux has)",
  () => {
    // One more than the workers answers single texts.
    expect(run(COUNT_THREADS, { PATINA_THREADS: "1", EXPECTED: "2" })).toEqual({ output: "2", exitCode: 0 });
    expect(run(COUNT_THREADS, { PATINA_THREADS: "5", EXPECTED: "4" })).toEqual({ output: "4", exitCode: 0 });
  },
);

test.each(["0", "two", "-1", "1.5"])("PATINA_THREADS=%s is an error that names the variable", (value) => {
  const { output, exitCode } = run(COUNT_THREADS, { PATINA_THREADS: value });
  expect(exitCode).toBe(1);
  expect(output).toContain(`PATINA_THREADS has to be a whole number from 1 to 9999, not "${value}"`);
});

test("two engines in one process compute side by side", async () => {
  await using first = await openEngine(spec);
  await using second = await openEngine(fixture("xlmr-mean").spec);
  const texts = Array.from({ length: 200 }, (_, index) => `the river number ${index}`);
  const [one, two, alone] = await Promise.all([
    first.embedBatch(texts),
    second.embedBatch(texts),
    second.embed("the river number 7"),
  ]);
  expect([one.rows, two.rows]).toEqual([200, 200]);
  expect([...two.row(7)]).toEqual([...alone.vector].map((value) => expect.closeTo(value, 5)));
});

test("memory below what a batch takes is refused with the number", async () => {
  await expect(openEngine(spec, { memory: 1000 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(openEngine(spec, { memory: 1.5 })).rejects.toMatchObject({ details: { key: "memory" } });
  await using engine = await openEngine(spec, { memory: 16_000_000 });
  expect((await engine.embedBatch(Array(50).fill("the river ".repeat(100)))).rows).toBe(50);
});

test("an optimised graph is kept where the caller says, and gives the same vector", async () => {
  const graphCache = join(folder, "graphs");
  const vectors: number[][] = [];
  for (const options of [{}, { graphCache }, { graphCache }]) {
    await using engine = await openEngine(spec, options);
    expect(engine.warnings).toEqual([]);
    vectors.push([...(await engine.embed("the river")).vector]);
  }
  expect(readdirSync(graphCache)).toHaveLength(1);
  expect(vectors[1]).toEqual(vectors[0] as number[]);
  expect(vectors[2]).toEqual(vectors[0] as number[]);
});

test("a cache that cannot be written is told and no error", async () => {
  const graphCache = join(folder, "a-file");
  writeFileSync(graphCache, "");
  await using engine = await openEngine(spec, { graphCache });
  expect(engine.warnings).toEqual([expect.stringContaining("cannot be kept")]);
});
