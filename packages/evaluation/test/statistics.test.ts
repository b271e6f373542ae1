import { expect, test } from "bun:test";
import { judgeSpeed, quantile, spread } from "@patina/evaluation";

test("a quantile lies between its neighbours, as NumPy's default has it", () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.95, 1])
  const expected = [1, 1.75, 3, 7.4, 8];
  for (const [index, share] of [0, 0.25, 0.5, 0.95, 1].entries()) {
    expect(quantile([4, 1, 8, 2], share)).toBeCloseTo(expected[index] as number, 12);
  }
  expect(quantile([3], 0.95)).toBe(3);
  expect(() => quantile([], 0.5)).toThrow("no values");
});

test("a spread is the middle and the ends", () => {
  expect(spread([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 });
});

const of = (median: number, least: number, most: number) => ({ median, least, most });

test("a runtime is faster where its worst round beats the other's best, in either direction", () => {
  const apart = { onnx: of(100, 90, 110), mlx: of(50, 40, 60) };
  expect(judgeSpeed(apart, "more", 3)).toEqual({ faster: "onnx", ratio: 2, undecided: null });
  expect(judgeSpeed(apart, "less", 3)).toEqual({ faster: "mlx", ratio: 2, undecided: null });
});

test("neither is where the ranges touch, or where the rounds are too few to have a range", () => {
  const touching = { onnx: of(100, 60, 110), mlx: of(50, 40, 60) };
  expect(judgeSpeed(touching, "more", 5)).toEqual({ faster: null, ratio: 2, undecided: "overlap" });
  const apart = { onnx: of(100, 90, 110), mlx: of(50, 40, 60) };
  expect(judgeSpeed(apart, "more", 2)).toEqual({ faster: null, ratio: 2, undecided: "few-rounds" });
});
