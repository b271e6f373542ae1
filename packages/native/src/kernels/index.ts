/**
 * Kernels on typed arrays, synchronous. The native side is loaded by the first call, so importing this costs nothing.
 */
import { PatinaError } from "@patina/core";
import { loadAddon } from "../load.ts";
import type { KernelDoor } from "./door.ts";
import { openFfiDoor } from "./ffi-door.ts";

/** The rows that fit a query best. */
export interface TopK {
  /** `[found]`, best first; rows of equal score in their order in the matrix. */
  readonly rows: Uint32Array;
  /** `[found]`, the dot product of each of these rows with the query. */
  readonly scores: Float32Array;
}

let opened: KernelDoor | undefined;

function door(): KernelDoor {
  opened ??= process.versions.bun === undefined ? loadAddon() : openFfiDoor();
  return opened;
}

/**
 * Sum of the products of two vectors, the cosine of their angle where both have unit length.
 *
 * @throws PatinaError `INVALID_INPUT` where their lengths differ or one is no `Float32Array`.
 */
export function dot(left: Float32Array, right: Float32Array): number {
  checkPair("dot", left, right);
  return door().dot(left, right);
}

/**
 * Cosine of the angle between two vectors, from -1 to 1; 0 where one of them has length zero.
 *
 * @throws PatinaError `INVALID_INPUT` where their lengths differ or one is no `Float32Array`.
 */
export function cosine(left: Float32Array, right: Float32Array): number {
  checkPair("cosine", left, right);
  return door().cosine(left, right);
}

/**
 * Brings a vector to unit length, in place; one of length zero stays as it is.
 *
 * @throws PatinaError `INVALID_INPUT` where it is no `Float32Array`.
 */
export function normalize(vector: Float32Array): void {
  checkFloats("normalize", "vector", vector);
  door().normalize(vector);
}

/**
 * The `k` rows of a matrix that have the largest dot product with `query`: exact, best first, equal scores by row.
 * Rows whose score is NaN are left out, so there may be fewer than `k`.
 *
 * @param matrix - row-major `[rows × dimension]`; may be a view into a larger buffer
 * @param query - `[dimension]`
 * @param k - at most this many rows are found; more than `rows` is fine
 * @param allowed - `[rows]`, one byte each; a row whose byte is 0 is left out
 * @throws PatinaError `INVALID_INPUT` where lengths disagree, a count is no whole number or an array is of another type.
 */
export function topK(
  matrix: Float32Array,
  rows: number,
  dimension: number,
  query: Float32Array,
  k: number,
  allowed?: Uint8Array,
): TopK {
  checkFloats("topK", "matrix", matrix);
  checkFloats("topK", "query", query);
  checkCount("rows", rows, 0);
  checkCount("dimension", dimension, 1);
  checkCount("k", k, 0);
  if (matrix.length !== rows * dimension) {
    throw invalid(
      `topK: a matrix of ${rows} × ${dimension} has ${rows * dimension} numbers, not ${matrix.length}`,
    );
  }
  if (query.length !== dimension) {
    throw invalid(`topK: the query has ${query.length} numbers and the matrix's rows have ${dimension}`);
  }
  if (allowed !== undefined) {
    if (!(allowed instanceof Uint8Array))
      throw invalid(`topK: allowed has to be a Uint8Array, not ${kindOf(allowed)}`);
    if (allowed.length !== rows) {
      throw invalid(`topK: allowed has ${allowed.length} bytes for ${rows} rows; it needs one for each`);
    }
  }
  const most = Math.min(k, rows);
  const best = { rows: new Uint32Array(most), scores: new Float32Array(most) };
  if (most === 0) return best;
  // Over N-API everywhere: through bun:ffi it took the same time.
  const found = loadAddon().topK(matrix, query, allowed, best.rows, best.scores);
  return found === most ? best : { rows: best.rows.slice(0, found), scores: best.scores.slice(0, found) };
}

function checkPair(kernel: string, left: Float32Array, right: Float32Array): void {
  checkFloats(kernel, "the first vector", left);
  checkFloats(kernel, "the second vector", right);
  if (left.length !== right.length) {
    throw invalid(
      `${kernel}: the vectors have ${left.length} and ${right.length} numbers; they have to be equal`,
    );
  }
}

function checkFloats(kernel: string, name: string, array: Float32Array): void {
  if (!(array instanceof Float32Array)) {
    throw invalid(`${kernel}: ${name} has to be a Float32Array, not ${kindOf(array)}`);
  }
}

function checkCount(name: string, count: number, least: number): void {
  if (!Number.isSafeInteger(count) || count < least) {
    throw invalid(`topK: ${name} has to be a whole number from ${least}, not ${count}`);
  }
}

function kindOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : value.constructor.name;
}

function invalid(message: string): PatinaError {
  return new PatinaError("INVALID_INPUT", message);
}
