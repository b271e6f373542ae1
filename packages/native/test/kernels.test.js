// The kernels against plain JavaScript. `bun test` runs this file over bun:ffi, `under-node.test.ts` has Node
// run it over N-API; that is why it is JavaScript and uses node:test.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cosine, dot, normalize, topK } from "@patina/native";

/** Numbers from -1 to 1, the same in every run (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

function randomVector(length, next) {
  return Float32Array.from({ length }, next);
}

function referenceDot(left, right) {
  let sum = 0;
  for (const [index, value] of left.entries()) sum += value * right[index];
  return sum;
}

function referenceTopK(matrix, rows, dimension, query, k, allowed) {
  const scored = [];
  for (let row = 0; row < rows; row++) {
    const score = referenceDot(matrix.subarray(row * dimension, (row + 1) * dimension), query);
    if (!Number.isNaN(score) && (allowed === undefined || allowed[row] !== 0)) scored.push({ row, score });
  }
  scored.sort((a, b) => b.score - a.score || a.row - b.row);
  return scored.slice(0, k);
}

function assertNear(found, expected, tolerance, what) {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found} is not ${expected}`);
}

function assertInvalid(call, message) {
  assert.throws(call, (error) => error.code === "INVALID_INPUT" && message.test(error.message));
}

const LENGTHS = [0, 1, 2, 7, 31, 32, 33, 64, 100, 384, 768, 1024];

describe("dot, cosine, normalize", () => {
  it("equal plain JavaScript in double precision, at every offset in a buffer", () => {
    const next = randomNumbers(1);
    for (const length of LENGTHS) {
      for (const offset of [0, 1, 3, 8]) {
        const left = randomVector(length + offset + 5, next).subarray(offset, offset + length);
        const right = randomVector(length + 3, next).subarray(3);
        const lengths = Math.sqrt(referenceDot(left, left) * referenceDot(right, right));
        // Each of the additions rounds by at most 2^-24 of the sum of the magnitudes, which is below `length`.
        const rounding = (length + 1) * length * 2 ** -24;
        const what = `length ${length}, offset ${offset}`;
        assertNear(dot(left, right), referenceDot(left, right), rounding, what);
        assertNear(cosine(left, right), lengths === 0 ? 0 : referenceDot(left, right) / lengths, 1e-5, what);
      }
    }
  });

  it("normalize changes the view it is given and nothing beside it", () => {
    const next = randomNumbers(2);
    for (const length of LENGTHS) {
      const buffer = randomVector(length + 7, next);
      const before = buffer.slice();
      normalize(buffer.subarray(4, 4 + length));
      const size = Math.sqrt(referenceDot(before.subarray(4, 4 + length), before.subarray(4, 4 + length)));
      for (const [index, value] of buffer.entries()) {
        const inside = index >= 4 && index < 4 + length;
        assertNear(
          value,
          inside ? before[index] / size : before[index],
          inside ? 1e-6 : 0,
          `number ${index}`,
        );
      }
    }
  });

  it("leave a vector of length zero as it is, and let NaN through", () => {
    const zero = new Float32Array(9);
    normalize(zero);
    assert.deepEqual(zero, new Float32Array(9));
    assert.equal(cosine(zero, new Float32Array(9).fill(1)), 0);
    assert.ok(Number.isNaN(dot(Float32Array.of(1, Number.NaN), Float32Array.of(1, 1))));
    assert.ok(Number.isNaN(cosine(Float32Array.of(1, Number.NaN), Float32Array.of(1, 1))));
  });

  it("refuse vectors of different lengths and arrays of another type", () => {
    assertInvalid(() => dot(new Float32Array(3), new Float32Array(4)), /3 and 4 numbers/);
    assertInvalid(() => cosine(new Float32Array(3), new Float32Array(0)), /3 and 0 numbers/);
    assertInvalid(
      () => dot(new Float64Array(3), new Float32Array(3)),
      /the first vector .* not Float64Array/,
    );
    assertInvalid(() => dot(new Float32Array(3), [1, 2, 3]), /the second vector .* not Array/);
    assertInvalid(() => normalize(undefined), /not undefined/);
    assertInvalid(() => normalize(null), /not null/);
  });
});

describe("topK", () => {
  it("equals a full sort of scores, with ties, NaN rows, offsets and filters", () => {
    const next = randomNumbers(3);
    for (let round = 0; round < 300; round++) {
      const rows = Math.floor((next() + 1) * 40);
      const dimension = 1 + Math.floor((next() + 1) * 40);
      const k = Math.floor((next() + 1) * 30);
      // Small whole numbers: sums are exact and many scores are equal.
      const whole = () => (next() > 0.999 ? Number.NaN : Math.round(next() * 2));
      const matrix = randomVector(rows * dimension + 3, whole).subarray(3);
      const query = randomVector(dimension + 1, () => Math.round(next() * 2)).subarray(1);
      const allowed =
        round % 2 === 0
          ? undefined
          : Uint8Array.from({ length: rows + 5 }, () => (next() > 0 ? 255 : 0)).subarray(5);
      const found = topK(matrix, rows, dimension, query, k, allowed);
      const expected = referenceTopK(matrix, rows, dimension, query, k, allowed);
      assert.deepEqual(
        [...found.rows],
        expected.map(({ row }) => row),
      );
      assert.deepEqual(
        [...found.scores],
        expected.map(({ score }) => score + 0),
      );
    }
  });

  it("orders equal scores by row and gives no more rows than there are", () => {
    const { rows, scores } = topK(Float32Array.of(1, 2, 2, 1, 2), 5, 1, Float32Array.of(1), 100);
    assert.deepEqual([...rows], [1, 2, 4, 0, 3]);
    assert.deepEqual([...scores], [2, 2, 2, 1, 1]);
  });

  it("finds nothing in an empty matrix, for k = 0, and where no row is allowed", () => {
    const query = new Float32Array(4);
    assert.equal(topK(new Float32Array(0), 0, 4, query, 3).rows.length, 0);
    assert.equal(topK(new Float32Array(8), 2, 4, query, 0).rows.length, 0);
    assert.equal(topK(new Float32Array(8), 2, 4, query, 3, new Uint8Array(2)).scores.length, 0);
  });

  it("refuses lengths that disagree and numbers that are no counts", () => {
    const matrix = new Float32Array(8);
    const query = new Float32Array(4);
    assertInvalid(() => topK(matrix, 3, 4, query, 1), /3 × 4 has 12 numbers, not 8/);
    assertInvalid(() => topK(matrix, 2, 4, new Float32Array(3), 1), /query has 3 numbers .* rows have 4/);
    assertInvalid(() => topK(matrix, 2, 4, query, 1, new Uint8Array(3)), /allowed has 3 bytes for 2 rows/);
    assertInvalid(() => topK(matrix, 2, 4, query, 1, [1, 1]), /Uint8Array, not Array/);
    assertInvalid(() => topK(matrix, 2, 4, query, -1), /k has to be a whole number from 0, not -1/);
    assertInvalid(() => topK(matrix, 2, 4, query, 1.5), /k has to be a whole number from 0, not 1.5/);
    assertInvalid(() => topK(matrix, 2.5, 4, query, 1), /rows has to be/);
    assertInvalid(
      () => topK(new Float32Array(0), 0, 0, new Float32Array(0), 1),
      /dimension has to be .* from 1/,
    );
    assertInvalid(() => topK([], 0, 4, query, 1), /matrix has to be a Float32Array, not Array/);
  });
});
