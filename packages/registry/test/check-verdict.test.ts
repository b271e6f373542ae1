import { describe, expect, test } from "bun:test";
import { judgeCheck, type ModelCheck } from "../src/index.ts";

const CHECK: ModelCheck = {
  queries: ["a", "b"],
  documents: ["c", "d"],
  scores: [
    [0.75, 0.5],
    [0.25, -0.5],
  ],
  tolerance: 0.125,
  tolerances: { float16: 0.25, nbits: 0.5 },
  source: "a test",
};

describe("a check", () => {
  test("right up to the tolerance, wrong past it, pair by pair", () => {
    const got = [
      [0.875, 0.5],
      [0.25, -0.626],
    ];
    expect(judgeCheck(CHECK, "float32", got)).toEqual({
      verdict: "wrong",
      tolerance: 0.125,
      toleranceFrom: "numerics",
      scores: [
        { query: 0, document: 0, expected: 0.75, got: 0.875, difference: 0.125, right: true },
        { query: 0, document: 1, expected: 0.5, got: 0.5, difference: 0, right: true },
        { query: 1, document: 0, expected: 0.25, got: 0.25, difference: 0, right: true },
        { query: 1, document: 1, expected: -0.5, got: -0.626, difference: 0.126, right: false },
      ],
    });
    expect(judgeCheck(CHECK, "float16", got).verdict).toBe("right");
  });

  test("numerics that nobody stated have the widest tolerance, and that is said", () => {
    const verdict = judgeCheck(CHECK, null, CHECK.scores);
    expect(verdict).toMatchObject({ verdict: "right", tolerance: 0.5, toleranceFrom: "widest" });
    expect(judgeCheck({ ...CHECK, tolerances: {} }, null, CHECK.scores).tolerance).toBe(0.125);
  });

  test("numerics without a tolerance are not judged", () => {
    const verdict = judgeCheck(CHECK, "int8-dynamic", CHECK.scores);
    expect(verdict).toMatchObject({ verdict: "unjudged", tolerance: null, toleranceFrom: null });
    expect(verdict.scores.every(({ right }) => right === null)).toBe(true);
  });

  test("what is no number, or not there, is wrong", () => {
    expect(judgeCheck(CHECK, "nbits", [[Number.NaN, 0.5], [0.25]]).scores.map(({ right }) => right)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
