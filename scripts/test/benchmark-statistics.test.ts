/** The numbers on the page of benchmark results are only worth what these functions are. */
import { describe, expect, test } from "bun:test";
import { leastCosine, quantile, ratio, spread } from "../../benchmarks/statistics.ts";

describe("quantile", () => {
  test("interpolates between neighbours, whatever the order", () => {
    // numpy.quantile([1, 2, 3, 4], [0.5, 0.95]) with its default method.
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([4, 1, 3, 2], 0.95)).toBeCloseTo(3.85, 12);
  });

  test("of nothing is an error, not a number", () => {
    expect(() => quantile([], 0.5)).toThrow("no values");
  });
});

test("spread has the median and both ends", () => {
  expect(spread([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9 });
});

describe("ratio", () => {
  test("with few rounds has the ends of the ratios round by round", () => {
    expect(ratio([4, 9], [2, 3])).toEqual({ value: 6.5 / 2.5, from: 2, to: 3, interval: "rounds" });
  });

  test("with five rounds has a bootstrap interval around it, the same each time", () => {
    const over = [4, 4.2, 3.9, 4.1, 6];
    const under = [2, 2.1, 2, 1.9, 2];
    const found = ratio(over, under);
    expect(found.interval).toBe("bootstrap");
    expect(found.value).toBeCloseTo(4.1 / 2, 12);
    expect(found.from).toBeLessThan(found.value);
    expect(found.to).toBeGreaterThan(found.value);
    expect(ratio(over, under)).toEqual(found);
  });

  test("of rounds that do not pair is an error", () => {
    expect(() => ratio([1, 2], [1])).toThrow("2 rounds against 1");
  });
});

describe("leastCosine", () => {
  test("takes the smallest over the named rows only", () => {
    const left = Float32Array.from([1, 0, 1, 0, 1, 0]);
    const right = Float32Array.from([2, 0, 1, 1, 0, 1]);
    expect(leastCosine(left, right, 2, [0, 1])).toBeCloseTo(Math.SQRT1_2, 7);
    expect(leastCosine(left, right, 2, [0, 1, 2])).toBe(0);
  });

  test("a vector that is not a number is never agreement", () => {
    expect(leastCosine(Float32Array.from([Number.NaN]), Float32Array.from([1]), 1, [0])).toBeNaN();
  });
});
