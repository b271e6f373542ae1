import { describe, expect, test } from "bun:test";
import type { Runtime } from "@patina/core";
import fc from "fast-check";
import {
  chooseVariant,
  DEFAULT_VARIANT_TOLERANCE,
  type Numerics,
  type VariantCandidate,
  type VariantDecision,
} from "../src/index.ts";

/** Processors by what `nativeFacts().cpuFeatures` says of them. */
const MACHINES = {
  vnni: ["avx2", "fma", "avx512f", "avx512vnni"],
  "vnni without avx-512": ["avx2", "fma", "avxvnni"],
  "avx-512 without vnni": ["avx2", "fma", "avx512f"],
  avx2: ["avx2", "fma"],
  "arm with dot products": ["neon", "dotprod"],
  arm: ["neon"],
  unknown: [],
} as const;
type Machine = keyof typeof MACHINES;

function variant(
  name: string,
  numerics?: Numerics,
  cosineMean?: number,
  more: Partial<VariantCandidate> = {},
): VariantCandidate {
  const quality =
    cosineMean === undefined ? undefined : { cosineMin: cosineMean - 0.01, cosineMean, texts: 200 };
  return { name, runtime: "onnx", numerics, quality, obstacle: null, ...more };
}

// The figures of all-MiniLM-L6-v2's files.
const FP32 = variant("fp32", "float32");
const DYNAMIC = variant("int8", "int8-dynamic", 0.9937);
const WEIGHTS = variant("int8-weights", "int8-weights", 0.99945);
const NBITS = variant("q8", "nbits", 0.9992);
const Q4 = variant("q4", "nbits", 0.964);
const ALL = [FP32, WEIGHTS, NBITS, DYNAMIC, Q4];

function choose(
  candidates: readonly VariantCandidate[],
  machine: Machine,
  tolerance?: number,
): VariantDecision {
  return chooseVariant(candidates, { cpuFeatures: MACHINES[machine], tolerance });
}

describe("auto takes the fastest variant within the tolerance", () => {
  test.each<[Machine, number | undefined, string]>([
    ["vnni", 0, "fp32"],
    ["vnni", 0.0005, "fp32"],
    ["vnni", undefined, "q8"],
    ["vnni", 0.002, "q8"],
    ["vnni", 0.01, "int8"],
    ["vnni", 0.1, "int8"],
    ["vnni without avx-512", undefined, "q8"],
    ["vnni without avx-512", 0.01, "int8"],
    ["avx-512 without vnni", undefined, "fp32"],
    ["avx-512 without vnni", 0.1, "fp32"],
    ["avx2", 0.1, "fp32"],
    ["arm with dot products", 0.002, "q8"],
    ["arm with dot products", 0.01, "int8"],
    ["arm", 0.1, "fp32"],
    ["unknown", 0.1, "fp32"],
  ])("%s, tolerance %p: %s", (machine, tolerance, expected) => {
    const decision = choose(ALL, machine, tolerance);
    expect(decision.variant).toBe(expected);
    expect(decision.opinions.map(({ variant }) => variant)).toEqual(ALL.map(({ name }) => name));
    expect(decision.opinions.filter(({ taken }) => taken).map(({ variant }) => variant)).toEqual([expected]);
    // Only what the registry lists first can go without a word.
    expect(decision.expected).toBe(expected === "fp32");
  });

  test("what is told of each, with the figures that decided", () => {
    const { opinions } = choose(ALL, "vnni");
    expect(opinions.map(({ reason }) => reason)).toEqual([
      "float32 itself, what the others are held against: not the fastest",
      "0.00055 from float32, within the tolerance of 0.001, 0.8 times as fast (measured with avx512vnni): not the fastest",
      "0.0008 from float32, within the tolerance of 0.001, 1.2 times as fast (measured with avx512vnni)",
      "0.0063 from float32, above the tolerance of 0.001",
      "0.036 from float32, above the tolerance of 0.001",
    ]);
    expect(choose([FP32, NBITS], "arm with dot products").opinions[1]?.reason).toContain("assumed");
  });

  test("the figure itself is within, the next one is not", () => {
    for (const [mean, tolerance] of [
      [0.75, 0.25],
      [0.999, 0.001],
      [0.9937, 0.0063],
    ] as const) {
      const exact = variant("q8", "nbits", mean);
      expect(choose([FP32, exact], "vnni", tolerance).variant).toBe("q8");
      expect(choose([FP32, exact], "vnni", tolerance * 0.9999).variant).toBe("fp32");
    }
  });

  test("within the runtime that comes first: speeds of two runtimes are not comparable", () => {
    const mlx = { ...NBITS, runtime: "mlx" as const };
    const decision = choose([FP32, mlx], "arm with dot products");
    expect(decision).toMatchObject({ variant: "fp32", runtime: "onnx", expected: true });
    expect(decision.opinions[1]?.reason).toEndWith(": onnx comes first");
    expect(choose([mlx, FP32], "arm with dot products")).toMatchObject({ variant: "q8", runtime: "mlx" });
    // Each of the two is the only one for its runtime.
    const alone = [variant("q4", undefined, undefined, { runtime: "mlx" }), variant("fp16", "float16")];
    expect(choose(alone, "arm")).toMatchObject({ variant: "q4", runtime: "mlx" });
  });

  test("of two that are equally fast the first", () => {
    const twin = { ...NBITS, name: "q8-other" };
    expect(choose([twin, NBITS], "vnni").variant).toBe("q8-other");
    expect(choose([NBITS, twin], "vnni").variant).toBe("q8");
  });
});

describe("what auto does not take", () => {
  const UNMEASURED = variant("fp16", "float16");

  test("a variant that nobody measured, however fast", () => {
    const fast = variant("int8", "int8-dynamic");
    const { variant: taken, opinions } = choose([FP32, fast, variant("odd")], "vnni", 1);
    expect(taken).toBe("fp32");
    expect(opinions.map(({ reason }) => reason).slice(1)).toEqual([
      "its distance from float32 was not measured",
      "its distance from float32 was not measured",
    ]);
    expect(choose([UNMEASURED, fast], "vnni", 1)).toMatchObject({ variant: null, runtime: null });
  });

  test("but a model with one variant has no other", () => {
    const decision = choose([UNMEASURED], "vnni", 0);
    expect(decision).toMatchObject({ variant: "fp16", expected: true });
    expect(decision.opinions[0]?.reason).toBe(
      "the only one for onnx; its distance from float32 was not measured",
    );
    // Known to be too far off, it is not taken for being alone.
    expect(choose([Q4], "vnni").variant).toBeNull();
  });

  test("a variant that cannot be had, with the reason it came with", () => {
    const gone = { ...FP32, obstacle: "it is on the moon" };
    const decision = choose([gone, WEIGHTS], "vnni");
    expect(decision).toMatchObject({ variant: "int8-weights", expected: true });
    expect(decision.opinions[0]).toMatchObject({ taken: false, reason: "it is on the moon" });
    expect(choose([gone, WEIGHTS], "vnni", 0.0001).variant).toBeNull();
    expect(choose([gone], "vnni").variant).toBeNull();
    expect(choose([], "vnni")).toEqual({ variant: null, runtime: null, expected: true, opinions: [] });
  });

  test("float32 that was measured and is not near is treated as any other", () => {
    expect(choose([variant("fp32", "float32", 0.9), WEIGHTS], "vnni").variant).toBe("int8-weights");
  });
});

test("whatever the candidates: the one taken can be had, is near enough, and none that fits is left out", () => {
  const candidate = fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    runtime: fc.constantFrom<Runtime>("onnx", "mlx"),
    numerics: fc.constantFrom<Numerics | undefined>(
      undefined,
      "float32",
      "float16",
      "bfloat16",
      "int8-dynamic",
      "int8-weights",
      "nbits",
    ),
    quality: fc.option(
      fc.record({
        cosineMin: fc.constant(0),
        cosineMean: fc.double({ min: 0, max: 1, noNaN: true }),
        texts: fc.constant(1),
      }),
      { nil: undefined },
    ),
    obstacle: fc.constantFrom(null, "gone"),
  });
  const candidates = fc.uniqueArray(candidate, {
    maxLength: 6,
    selector: ({ name, runtime }) => name + runtime,
  });
  const machines = fc.constantFrom(...(Object.keys(MACHINES) as Machine[]));
  const tolerances = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(candidates, machines, tolerances, (all, machine, tolerance) => {
      const { variant: name, runtime, opinions } = choose(all, machine, tolerance);
      expect(opinions).toHaveLength(all.length);
      const near = ({ numerics, quality, runtime: on }: VariantCandidate): boolean =>
        quality === undefined
          ? numerics === "float32" || all.filter((each) => each.runtime === on).length === 1
          : quality.cosineMean >= 1 - tolerance;
      const fitting = all.filter((each) => each.obstacle === null && near(each));
      expect(name !== null).toBe(fitting.length > 0);
      if (name !== null)
        expect(fitting.some((each) => each.name === name && each.runtime === runtime)).toBe(true);
    }),
  );
});

test("the default keeps out what quantises activations, and takes weights of 8 bits", () => {
  expect(DEFAULT_VARIANT_TOLERANCE).toBeGreaterThan(1 - 0.9992);
  expect(DEFAULT_VARIANT_TOLERANCE).toBeLessThan(1 - 0.9937);
});
