import { closeSync, fsyncSync, openSync, statSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { PatinaError, throwIfAborted } from "@patina/core";
import { normalize } from "@patina/native";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import { fileError } from "./durable-files.ts";
import { damaged } from "./manifest.ts";

/** Rows that are read from the cache and written at once. */
const ROWS_AT_ONCE = 1_000;

/** How far the length of a vector may be from 1: float32 rounding of up to 4,096 squares stays well below. */
const UNIT_TOLERANCE = 1e-3;

/** What {@link writeVectors} needs. */
export interface VectorsRequest {
  readonly file: string;
  /** Digest of each row's rendered text. */
  readonly digests: readonly string[];
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
  /** Numbers kept of each vector. */
  readonly dimension: number;
  readonly signal: AbortSignal | undefined;
  readonly onRows: (done: number) => void;
}

/** What was written. */
export interface WrittenVectors {
  readonly sha256: string;
  /** Rows whose text had been cut. */
  readonly truncated: number;
}

/** Writes one unit vector per row, cut and normalised from the cache, down to the disk. */
export async function writeVectors(request: VectorsRequest): Promise<WrittenVectors> {
  const { file, digests, signal } = request;
  const hasher = new Bun.CryptoHasher("sha256");
  let truncated = 0;
  const descriptor = openSync(file, "wx", 0o600);
  try {
    for (let start = 0; start < digests.length; start += ROWS_AT_ONCE) {
      throwIfAborted(signal);
      const block = readBlock(request, digests.slice(start, start + ROWS_AT_ONCE));
      truncated += block.truncated;
      hasher.update(block.bytes);
      for (let at = 0; at < block.bytes.length; ) at += writeSync(descriptor, block.bytes, at);
      request.onRows(Math.min(start + ROWS_AT_ONCE, digests.length));
      await setImmediate();
    }
    fsyncSync(descriptor);
  } catch (error) {
    throw fileError(error, file, "write");
  } finally {
    closeSync(descriptor);
  }
  return { sha256: hasher.digest("hex"), truncated };
}

function readBlock(
  { cache, scope, dimension }: VectorsRequest,
  digests: readonly string[],
): { bytes: Uint8Array; truncated: number } {
  const numbers = new Float32Array(digests.length * dimension);
  let truncated = 0;
  for (const [index, embedding] of cache.get(scope, digests).entries()) {
    if (embedding === null) {
      throw new PatinaError(
        "INTEGRITY",
        "the embedding cache lost a text while the index was written: run it again",
        {
          key: digests[index] ?? "",
        },
      );
    }
    if (embedding.truncated) truncated++;
    const row = numbers.subarray(index * dimension, (index + 1) * dimension);
    row.set(embedding.vector.subarray(0, dimension));
    if (dimension < scope.dimension || !isUnit(row)) normalize(row);
  }
  return { bytes: new Uint8Array(numbers.buffer), truncated };
}

/**
 * Maps a vectors file into memory: `[rows × dimension]`. The mapping is private and goes with its last reference,
 * also when the file was removed before.
 */
export function mapVectors(file: string, rows: number, dimension: number): Float32Array {
  const due = rows * dimension * Float32Array.BYTES_PER_ELEMENT;
  let bytes: Uint8Array;
  try {
    const { size } = statSync(file);
    if (size !== due) throw damaged(file, `it has ${size} bytes, ${rows} × ${dimension} numbers take ${due}`);
    bytes = Bun.mmap(file, { shared: false });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") throw damaged(file, "it is missing", error);
    throw fileError(error, file, "map");
  }
  return new Float32Array(bytes.buffer, bytes.byteOffset, rows * dimension);
}

/** The row that is not a unit vector of finite numbers, or null when all are. */
export function firstUnsoundRow(vectors: Float32Array, dimension: number): number | null {
  for (let row = 0; row * dimension < vectors.length; row++) {
    if (!isUnit(vectors.subarray(row * dimension, (row + 1) * dimension))) return row;
  }
  return null;
}

function isUnit(vector: Float32Array): boolean {
  let squares = 0;
  for (const value of vector) squares += value * value;
  // NaN compares false, so a vector that holds one is not a unit vector.
  return Math.abs(Math.sqrt(squares) - 1) <= UNIT_TOLERANCE;
}
