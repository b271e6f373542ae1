/** One round in a process of its own: what it measures, and every way in which it can end early. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Runtime } from "@patina/core";
import { conformanceTexts, distance } from "../../engine/test/support/fixtures.ts";
import { fixtureFor, RUNTIMES } from "../../engine/test/support/runtimes.ts";
import type { RoundProgress, RoundWork } from "../src/round.ts";
import { runRound } from "../src/round-process.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "patina-round-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const texts = conformanceTexts();
const passages = (runtime: Runtime) =>
  fixtureFor(runtime, "bert-prompts").goldens.filter(
    ({ kind, special_tokens }) => kind === "passage" && special_tokens === "follow",
  );

function workOf(runtime: Runtime): RoundWork {
  return {
    spec: fixtureFor(runtime, "bert-prompts").spec,
    graphCache: join(folder, "graphs"),
    specialTokens: "follow",
    texts: passages(runtime).map(({ id }) => texts.get(id) ?? ""),
    queries: ["a", "b", "c"],
    vectorsFile: join(folder, `${runtime}.f32`),
  };
}

let files = 0;
const workFile = (): string => join(folder, `work-${files++}.json`);

test.each([...RUNTIMES])("%s: vectors are the reference's, and every figure is there", async (runtime) => {
  const stages: RoundProgress[] = [];
  const result = await runRound(workOf(runtime), {
    workFile: workFile(),
    onProgress: (progress) => stages.push(progress),
  });
  const goldens = passages(runtime);
  const { buffer } = Uint8Array.from(readFileSync(join(folder, `${runtime}.f32`)));
  const vectors = new Float32Array(buffer);
  expect(result.dimension).toBe(32);
  expect(vectors.length).toBe(goldens.length * 32);
  for (const [row, golden] of goldens.entries()) {
    // As MODELS' tolerance for float32, whatever the batch.
    expect(distance(vectors.subarray(row * 32, (row + 1) * 32), golden.embedding)).toBeLessThan(2e-5);
  }
  expect(result.tokens).toEqual(goldens.map(({ tokens }) => tokens));
  expect(result.truncated).toBe(goldens.filter(({ truncated }) => truncated).length);
  expect(result.queryMilliseconds).toHaveLength(3);
  expect(result.firstVectorSeconds).toBeGreaterThan(result.openSeconds);
  expect(result.openSeconds).toBeGreaterThan(0);
  expect(result.batchSeconds).toBeGreaterThan(0);
  expect(result.memoryPeak).toBeGreaterThan(result.memoryBefore);
  // A process that had the figure of the one that started it, or in other units, would be far off.
  expect(result.memoryPeak).toBeLessThan(1e9);
  expect(stages.map(({ stage }) => stage).filter((stage, index, all) => stage !== all[index - 1])).toEqual([
    "opening",
    "batch",
    "queries",
  ]);
});

test("what the engine throws arrives as it was", async () => {
  const work = workOf("onnx");
  const files = work.spec.files.map((file) => ({ ...file, path: `${file.path}.gone` }));
  const round = runRound({ ...work, spec: { ...work.spec, files } }, { workFile: workFile() });
  await expect(round).rejects.toMatchObject({ isPatinaError: true, code: "MODEL_MISSING" });
});

test("an abort ends the process, whatever it is doing", async () => {
  const controller = new AbortController();
  const long = {
    ...workOf("onnx"),
    texts: Array.from({ length: 20_000 }, (_, text) => `text ${text} `.repeat(60)),
  };
  const started = performance.now();
  const round = runRound(long, {
    workFile: workFile(),
    signal: controller.signal,
    onProgress: ({ stage }) => {
      if (stage === "batch") controller.abort();
    },
  });
  await expect(round).rejects.toMatchObject({ code: "ABORTED" });
  // The whole batch takes minutes.
  expect(performance.now() - started).toBeLessThan(30_000);
});

test("a defect of the program arrives with the place it is at", async () => {
  const round = runRound({ ...workOf("onnx"), texts: null as unknown as string[] }, { workFile: workFile() });
  await expect(round).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining(" at ") });
});

const children = `/proc/${process.pid}/task/${process.pid}/children`;
if (!existsSync(children))
  console.warn("skipped: a process that is killed, because this system has no list of children");

test.if(existsSync(children))("a process that is killed is told as one, with what kills most", async () => {
  const round = runRound(workOf("onnx"), {
    workFile: workFile(),
    onProgress: ({ stage }) => {
      if (stage === "opening") for (const pid of childrenOfThis()) process.kill(pid, "SIGKILL");
    },
  });
  await expect(round).rejects.toMatchObject({
    code: "RUNTIME_FAILED",
    message:
      "the process that measured bert-prompts on onnx ended by SIGKILL before it had a result; the system ends a " +
      "process in this way when memory runs out",
  });
});

/** Whichever thread started them. */
function childrenOfThis(): number[] {
  return readdirSync(`/proc/${process.pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${process.pid}/task/${thread}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
}
