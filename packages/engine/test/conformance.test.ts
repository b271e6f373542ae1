/**
 * What every engine has to do, through the door that JavaScript uses: the same fixtures and the same demands as
 * crates/patina-embed/tests.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { EmbeddingEngine } from "@patina/core";
import { type ModelSpec, openEngine } from "@patina/engine";
import {
  conformanceTexts,
  distance,
  type Fixture,
  failure,
  fixture,
  mlxFixture,
} from "./support/fixtures.ts";
import { fixtureFor, RUNTIMES } from "./support/runtimes.ts";

/** Float32 on either side; the tanh GELU in place of erf moves vectors by 2e-4. */
const FLOAT32 = 2e-5;
/**
 * Integer products are exact. A float32 step before a rounding that is computed another way (a fusion more or less) tips
 * a few activations: ONNX's own reference implementation lies 2e-3 away.
 */
const INT8 = 5e-3;
/** Other shapes, other orders of summation. */
const BATCH = 5e-6;

const texts = conformanceTexts();
const text = (id: string): string => {
  const found = texts.get(id);
  if (found === undefined) throw new Error(`no conformance text ${id}`);
  return found;
};

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** A progress that throws at once, in a batch that goes on for seconds unless the native call is aborted. */
const THROW_MIDWAY = (runtime: string): string => `
  import { openEngine } from "@patina/engine";
  import { loadAddon } from "../../native/src/load.ts";
  import { fixtureFor } from "./support/runtimes.ts";
  const { prototype } = loadAddon().NativeAbort;
  const { abort } = prototype;
  let aborts = 0;
  prototype.abort = function () {
    aborts++;
    abort.call(this);
  };
  await using engine = await openEngine(fixtureFor("${runtime}", "bert-mean").spec);
  const thrown = new Error("no more");
  let calls = 0;
  let midway;
  const onProgress = ({ done, total }) => {
    calls++;
    midway = done < total;
    throw thrown;
  };
  const texts = Array(5000).fill("the river ".repeat(60));
  const error = await engine.embedBatch(texts, { onProgress }).catch((error) => error);
  const { rows } = await engine.embedBatch(["x"]);
  console.log(JSON.stringify({ midway, calls, same: error === thrown, aborts, rows }));
`;

/** Weights, activations and output in float16, over three layers. */
const FLOAT16 = 2e-3;
/** The output in bfloat16, what computes it in float32: a rounding of 2^-9, which the mean over tokens evens out. */
const BFLOAT16_OUTPUT = 4e-3;

/** Weights and activations in bfloat16, which has eight bits. */
const BFLOAT16 = 0.05;

/** Model, goldens, tolerance and, where it is not the goldens' own, the file of the weights. */
const ONNX_CASES: readonly (readonly [string, string, number, string?])[] = [
  ["bert-mean", "golden.json", FLOAT32],
  ["bert-cls", "golden.json", FLOAT32],
  ["bert-baked", "golden.json", FLOAT32],
  ["bert-prompts", "golden.json", FLOAT32],
  ["qwen3-plain", "golden.json", FLOAT32],
  ["qwen3-past", "golden.json", FLOAT32],
  ["qwen3-past-fp16", "golden.json", FLOAT16],
  ["qwen3-gqa", "golden.json", FLOAT32],
  ["xlmr-mean", "golden.json", FLOAT32],
  ["nomic-mean", "golden.json", FLOAT32],
  ["bert-mean", "golden-int8.json", INT8],
  ["bert-mean", "golden.json", FLOAT32, "onnx/model_pooled.onnx"],
  ["bert-mean", "golden.json", FLOAT32, "onnx/model_pooled_only.onnx"],
  ["bert-mean", "golden.json", FLOAT16, "onnx/model_fp16.onnx"],
  ["bert-mean", "golden.json", BFLOAT16_OUTPUT, "onnx/model_bf16_output.onnx"],
];

/** Model and tolerance. */
const MLX_CASES: readonly (readonly [string, number])[] = [
  ["bert-mean", FLOAT32],
  ["bert-cls", FLOAT32],
  ["bert-mlx4", FLOAT32],
  ["xlmr-mean", FLOAT32],
  ["qwen3-float32", FLOAT32],
  ["qwen3-plain", BFLOAT16],
  ["qwen3-mlx4", FLOAT32],
  ["qwen3-mlx8", BFLOAT16],
  ["qwen3-mlx-mixed", FLOAT32],
  ["qwen3-mlx-bits", FLOAT32],
];

describe.each(ONNX_CASES)("%s, %s, within %p, %s", (model, file, tolerance, weights) =>
  goldensHold(fixture(model, file, weights), tolerance),
);

describe.each(RUNTIMES.includes("mlx") ? MLX_CASES : [])("%s on mlx, within %p", (model, tolerance) =>
  goldensHold(mlxFixture(model), tolerance),
);

function goldensHold({ spec, goldens }: Fixture, tolerance: number): void {
  const calls = Map.groupBy(goldens, ({ special_tokens, kind, task, dimension }) =>
    JSON.stringify({ specialTokens: special_tokens, kind, task, dimension }),
  );
  test.each([...calls])("%s", async (call, expected) => {
    const { specialTokens, ...options } = JSON.parse(call);
    await using engine = await openEngine(spec, { specialTokens });
    const matrix = await engine.embedBatch(
      expected.map(({ id }) => text(id)),
      options,
    );
    for (const [row, golden] of expected.entries()) {
      expect({ id: golden.id, ...matrix.report(row) }).toEqual({
        id: golden.id,
        tokens: golden.tokens,
        truncated: golden.truncated,
        specialTokens: golden.special_literals,
      });
      expect(distance(matrix.row(row), golden.embedding)).toBeLessThanOrEqual(tolerance);
    }
  });
}

describe.each(RUNTIMES)("an engine on %s", (runtime) => {
  const specOf = (model: string): ModelSpec => fixtureFor(runtime, model).spec;
  let engine: EmbeddingEngine;
  beforeAll(async () => {
    engine = await openEngine(specOf("bert-mean"));
  });
  afterAll(() => engine.close());

  test("says what it is", () => {
    expect(engine.modelName).toBe("bert-mean");
    expect(engine.dimension).toBe(32);
    expect(engine.maxTokens).toBe(128);
    expect(engine.runtime).toBe(runtime);
    expect(engine.encoderId).toMatch(/^[0-9a-f]{64}$/);
  });

  test("gives a text the same vector alone, in a batch and in a stream", async () => {
    const all = [...texts.values()];
    const batch = await engine.embedBatch(all);
    let row = 0;
    for await (const streamed of engine.embedStream(all, { groupSize: 7 })) {
      expect(distance(streamed.vector, batch.row(row))).toBeLessThanOrEqual(BATCH);
      expect(streamed.tokens).toBe(batch.report(row).tokens);
      row++;
    }
    expect(row).toBe(all.length);
    for (const [index, one] of all.entries()) {
      const alone = await engine.embed(one);
      expect(distance(alone.vector, batch.row(index))).toBeLessThanOrEqual(BATCH);
    }
  });

  test("counts the tokens that it embeds, without those that it adds and without a limit", async () => {
    const all = [...texts.values()];
    const counts = await engine.countTokens(all);
    const { tokens: added } = await engine.embed("");
    const embedded = await engine.embedBatch(all);
    for (const [row, one] of all.entries()) {
      const { tokens, truncated } = embedded.report(row);
      const count = counts[row] ?? 0;
      if (truncated) expect({ one, more: count + added > tokens }).toEqual({ one, more: true });
      else expect({ one, tokens: count + added }).toEqual({ one, tokens });
    }
    expect([...(await engine.countTokens([]))]).toEqual([]);
    await expect(engine.countTokens(["a", "half a pair: \ud83d"])).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { index: 1 },
    });
  });

  test("gives no vectors for no texts", async () => {
    const matrix = await engine.embedBatch([]);
    expect([matrix.rows, matrix.data.length]).toEqual([0, 0]);
  });

  test("reports progress up to the last text", async () => {
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(200);
      seen.push(done);
    };
    await engine.embedBatch(Array(200).fill("the river"), { onProgress });
    expect(seen.at(-1)).toBe(200);
    // What comes late from another thread is not told: it would go back, or past the end.
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });

  test("progress that throws rejects the call with what it threw, when all is done as well as midway", async () => {
    const thrown = new Error("no more");
    const onProgress = (): void => {
      throw thrown;
    };
    expect(await engine.embedBatch(["x"], { onProgress }).catch((error: unknown) => error)).toBe(thrown);
    // In a process of its own, which an error that gets back into the addon would end.
    const child = Bun.spawnSync([process.execPath, "-e", THROW_MIDWAY(runtime)], { cwd: import.meta.dir });
    expect(child.stderr.toString()).toBe("");
    expect(JSON.parse(child.stdout.toString())).toEqual({
      midway: true,
      calls: 1,
      same: true,
      aborts: 1,
      rows: 1,
    });
  });

  test("refuses what is no text and names it", async () => {
    const bad = ["fine", 5 as unknown as string];
    await expect(engine.embedBatch(bad)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { index: 1 },
    });
    const half = "half a pair: \ud83d";
    await expect(engine.embedBatch(["a", "b", half])).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { index: 2 },
    });
  });

  test("refuses options that the model cannot honour", async () => {
    await expect(engine.embed("x", { dimension: 8 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(engine.embed("x", { task: "any" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    const kind = "poem" as unknown as "raw";
    await expect(engine.embed("x", { kind })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("stops when its signal says so and goes on with other calls", async () => {
    const controller = new AbortController();
    const running = engine.embedBatch(Array(5000).fill("the river ".repeat(60)), {
      signal: controller.signal,
    });
    controller.abort(new Error("enough"));
    const error = await running.catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
    await expect(engine.embed("x", { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect((await engine.embed("x")).vector.length).toBe(32);
  });

  test("a stream's group that is ready does not wait for a source that is slow", async () => {
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* source() {
      yield* ["the river", "the bank"];
      await held;
      yield "the bridge";
    }
    let taken = 0;
    for await (const _ of engine.embedStream(source(), { groupSize: 2 })) {
      // Would never be reached if the first group waited for the second.
      if (++taken === 2) goOn();
    }
    expect(taken).toBe(3);
  });

  test("a stream reads no further than its caller takes", async () => {
    let read = 0;
    let closed = false;
    function* source() {
      try {
        for (; read < 10_000; read++) yield "the river";
      } finally {
        closed = true;
      }
    }
    for await (const _ of engine.embedStream(source(), { groupSize: 4 })) {
      // A turn of the event loop, in which a stream without back-pressure would read on.
      await new Promise((resolve) => setImmediate(resolve));
      break;
    }
    expect(read).toBeLessThanOrEqual(16);
    expect(closed).toBe(true);
  });

  test("stops a stream whose source throws, with the source's error", async () => {
    async function* source() {
      yield* Array(20).fill("the river");
      throw new Error("the source broke");
    }
    await expect(drain(engine.embedStream(source(), { groupSize: 5 }))).rejects.toThrow("the source broke");
  });

  test("a stream's text that fails while the source is read fails the stream and nothing else", async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    async function* source() {
      yield* ["the river", "half a pair: \ud800"];
      // Rejections nobody handles are told after the microtasks: a turn of the event loop later they have been.
      await new Promise((resolve) => setImmediate(resolve));
      yield "the bank";
    }
    await expect(drain(engine.embedStream(source(), { groupSize: 2 }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { index: 1 },
    });
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN, "2"])("refuses %p as a count, whatever it counts", async (count) => {
    const wrong = count as number;
    const refusal = { code: "INVALID_INPUT" };
    await expect(openEngine(specOf("bert-cls"), { threads: wrong })).rejects.toMatchObject(refusal);
    await expect(engine.embedBatch(["x"], { dimension: wrong })).rejects.toMatchObject(refusal);
    await expect(drain(engine.embedStream(["x"], { groupSize: wrong }))).rejects.toMatchObject(refusal);
  });

  test("refuses counts that 32 bits do not hold, which would arrive as others", async () => {
    const spec = specOf("bert-cls");
    const refusal = (key: string) => ({
      code: "INVALID_INPUT",
      details: { key },
      message: expect.stringContaining("to 4294967295, not 42949"),
    });
    expect(await failure(spec, { threads: 2 ** 32 + 1 })).toMatchObject(refusal("threads"));
    const dimension = 2 ** 32 + engine.dimension;
    await expect(engine.embedBatch(["x"], { dimension })).rejects.toMatchObject(refusal("dimension"));
    const stream = engine.embedStream(["x"], { groupSize: 2 ** 32 });
    await expect(drain(stream)).rejects.toMatchObject(refusal("groupSize"));
  });

  test("refuses counts of a spec that 32 bits do not hold, instead of what is left of them", async () => {
    const spec = specOf("bert-cls");
    for (const wrong of [2 ** 32, -(2 ** 32), 0.5, Number.NaN]) {
      for (const key of ["dimension", "minDimension", "maxTokens"] as const) {
        const error = await failure({ ...spec, [key]: wrong + (spec[key] ?? 1) });
        expect(error).toMatchObject({ code: "SPEC_INVALID", message: expect.stringContaining(key) });
      }
    }
  });

  test("takes more bytes of memory than 32 bits hold, up to what a number holds", async () => {
    const spec = specOf("bert-cls");
    expect(await failure(spec, { memory: 2 ** 32 + 1 })).toBeUndefined();
    expect(await failure(spec, { memory: Number.MAX_SAFE_INTEGER })).toBeUndefined();
    expect(await failure(spec, { memory: 2 ** 53 })).toMatchObject({ details: { key: "memory" } });
  });

  test("closes twice, and fails what is running and what comes later", async () => {
    const own = await openEngine(specOf("bert-cls"));
    const running = own.embedBatch(Array(5000).fill("the river ".repeat(60)));
    const closed = own.close();
    await expect(running).rejects.toMatchObject({ code: "CLOSED" });
    await closed;
    await own.close();
    await expect(own.embed("x")).rejects.toMatchObject({ code: "CLOSED" });
    await expect(own.embedBatch([])).rejects.toMatchObject({ code: "CLOSED" });
    await expect(own.countTokens(["x"])).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("an engine's identity", () => {
  const { spec } = fixture("bert-mean");
  const idOf = async (changed: Partial<typeof spec>, options = {}) => {
    await using engine = await openEngine({ ...spec, ...changed }, options);
    return engine.encoderId;
  };

  test("does not change with the model's key or name", async () => {
    expect(await idOf({ key: "other", name: "Other" })).toBe(await idOf({}));
  });

  test("changes with everything that changes vectors", async () => {
    const ids = await Promise.all([
      idOf({}),
      idOf({ pooling: "cls" }),
      idOf({ normalize: false }),
      idOf({ maxTokens: 64 }),
      idOf({ variant: "other" }),
      idOf({ files: fixture("bert-prompts").spec.files }),
      idOf({}, { specialTokens: "neutralize" }),
      idOf({}, { batching: "batched" }),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
