// One run of the measurements of doors.ts, under whichever runtime it is started with; prints JSON: name → ns a call.
// JavaScript, so that Node runs it as it is.
import { createRequire } from "node:module";
import { addonPath, cosine, dot, normalize, topK } from "@patina/native";

const napi = createRequire(import.meta.url)(addonPath());
const empty = new Float32Array(0);
const left = Float32Array.from({ length: 768 }, (_, index) => Math.sin(index));
const right = Float32Array.from({ length: 768 }, (_, index) => Math.cos(index));

function plainDot(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}

function plainTopK(matrix, rows, dimension, query, k) {
  const best = [];
  for (let row = 0; row < rows; row++) {
    const score = plainDot(matrix.subarray(row * dimension, (row + 1) * dimension), query);
    if (best.length === k && score <= best[k - 1].score) continue;
    let place = best.length;
    while (place > 0 && best[place - 1].score < score) place--;
    best.splice(place, 0, { row, score });
    best.length = Math.min(best.length, k);
  }
  return best;
}

function search(rows, dimension) {
  const matrix = new Float32Array(rows * dimension);
  for (let index = 0; index < matrix.length; index++) matrix[index] = Math.sin(index * 0.7);
  const query = matrix.slice(dimension, 2 * dimension);
  return {
    native: () => topK(matrix, rows, dimension, query, 10),
    plain: () => plainTopK(matrix, rows, dimension, query, 10),
  };
}

const small = search(10_000, 256);
const wide = search(100_000, 256);
const underBun = process.versions.bun !== undefined;

/** [name, call, calls in a sample, samples]; the kernels' front goes through bun:ffi under Bun alone. */
const measurements = [
  ["empty ffi", () => normalize(empty), 20_000, 15],
  ["empty napi", () => napi.normalize(empty), 20_000, 15],
  ["dot ffi", () => dot(left, right), 20_000, 15],
  ["dot napi", () => napi.dot(left, right), 20_000, 15],
  ["dot plain", () => plainDot(left, right), 20_000, 15],
  ["cosine ffi", () => cosine(left, right), 20_000, 15],
  ["cosine napi", () => napi.cosine(left, right), 20_000, 15],
  ["normalize ffi", () => normalize(left), 20_000, 15],
  ["normalize napi", () => napi.normalize(left), 20_000, 15],
  ["topK 10,000 × 256 napi", small.native, 20, 15],
  ["topK 10,000 × 256 plain", small.plain, 3, 7],
  ["topK 100,000 × 256 napi", wide.native, 2, 15],
].filter(([name]) => underBun || !name.endsWith(" ffi"));

const samples = new Map(measurements.map(([name]) => [name, []]));
// Interleaved: what else the machine does meets all of them.
for (let round = 0; round < 15; round++) {
  for (const [name, call, calls, rounds] of measurements) {
    if (round >= rounds) continue;
    const start = performance.now();
    for (let index = 0; index < calls; index++) call();
    samples.get(name).push(((performance.now() - start) / calls) * 1e6);
  }
}
const result = {};
for (const [name, times] of samples) result[name] = times.sort((a, b) => a - b)[times.length >> 1];
console.log(JSON.stringify(result));
