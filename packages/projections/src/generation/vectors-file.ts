import { closeSync, constants, fsyncSync, openSync, statSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { PatinaError, throwIfAborted } from "@patina/core";
import { normalize } from "@patina/native";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import type { NewRow } from "./documents-writer.ts";
import { fileError } from "./durable-files.ts";
import { damaged } from "./manifest.ts";
import { mapFile } from "./map-file.ts";
import type { VectorOrigin } from "./stored-documents.ts";

/** Rows that are read from the cache and written at once. */
const ROWS_AT_ONCE = 1_000;

/** How far the length of a vector may be from 1: float32 rounding of up to 4,096 squares stays well below. */
const UNIT_TOLERANCE = 1e-3;

/** A vector that a row takes over from the generation before. */
export interface KeptVector {
  /** The row there, from 1. */
  readonly row: number;
  readonly origin: VectorOrigin;
}

/** What {@link writeVectors} needs. */
export interface VectorsRequest {
  /** A new file, or a copy of the vectors of the generation before. */
  readonly file: string;
  /** The rows to write, ascending. */
  readonly added: readonly NewRow[];
  /** Rows to fill with zeros: what is gone must not be found, nor stay. */
  readonly cleared: readonly number[];
  /** By the digest of a text: the vector it takes over; all others come from the cache. */
  readonly kept: ReadonlyMap<string, KeptVector>;
  /** The vectors of the generation before; null where nothing is taken over. */
  readonly before: Float32Array | null;
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
  /** Numbers kept of each vector. */
  readonly dimension: number;
  readonly signal: AbortSignal | undefined;
  /** Told of each block of rows that was written. */
  readonly onRows: (rows: readonly (VectorOrigin & { readonly row: number })[]) => void;
}

/** Writes one unit vector for every added row, cut and normalised from the cache or taken over, down to the disk. */
export async function writeVectors(request: VectorsRequest): Promise<void> {
  const { file, added, dimension, signal } = request;
  const rowBytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  try {
    const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      for (const row of request.cleared) writeAt(descriptor, new Uint8Array(rowBytes), (row - 1) * rowBytes);
      for (let start = 0; start < added.length; start += ROWS_AT_ONCE) {
        throwIfAborted(signal);
        const some = added.slice(start, start + ROWS_AT_ONCE);
        const { bytes, origins } = readBlock(request, some);
        for (const [from, to] of runs(some)) {
          const first = some[from] as NewRow;
          writeAt(descriptor, bytes.subarray(from * rowBytes, to * rowBytes), (first.row - 1) * rowBytes);
        }
        request.onRows(some.map(({ row }, index) => ({ row, ...(origins[index] as VectorOrigin) })));
        await setImmediate();
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, file, "write");
  }
}

function writeAt(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
}

/** The runs of rows that follow each other, as places in `rows`, the end excluded. */
function* runs(rows: readonly NewRow[]): Generator<[from: number, to: number]> {
  let from = 0;
  for (let place = 1; place <= rows.length; place++) {
    if (place < rows.length && rows[place]?.row === (rows[place - 1]?.row ?? 0) + 1) continue;
    yield [from, place];
    from = place;
  }
}

function readBlock(
  { cache, scope, dimension, kept, before }: VectorsRequest,
  rows: readonly NewRow[],
): { bytes: Uint8Array; origins: VectorOrigin[] } {
  const numbers = new Float32Array(rows.length * dimension);
  const fromCache = rows.filter(({ digest }) => !kept.has(digest));
  const found = cache
    .get(
      scope,
      fromCache.map(({ digest }) => digest),
    )
    .values();
  const origins = rows.map(({ digest }, index): VectorOrigin => {
    const vector = numbers.subarray(index * dimension, (index + 1) * dimension);
    const old = kept.get(digest);
    if (old !== undefined && before !== null) {
      vector.set(before.subarray((old.row - 1) * dimension, old.row * dimension));
      return old.origin;
    }
    const embedding = found.next().value;
    if (embedding === undefined || embedding === null) {
      const message = "the embedding cache lost a text while the index was written: run it again";
      throw new PatinaError("INTEGRITY", message, { key: digest });
    }
    vector.set(embedding.vector.subarray(0, dimension));
    if (dimension < scope.dimension || !isUnit(vector)) normalize(vector);
    return { digest, truncated: embedding.truncated };
  });
  return { bytes: new Uint8Array(numbers.buffer), origins };
}

/** Maps a vectors file into memory: `[rows × dimension]`. */
export function mapVectors(file: string, rows: number, dimension: number): Float32Array {
  const due = rows * dimension * Float32Array.BYTES_PER_ELEMENT;
  let bytes: Uint8Array;
  try {
    const { size } = statSync(file);
    if (size !== due) throw damaged(file, `it has ${size} bytes, ${rows} × ${dimension} numbers take ${due}`);
    bytes = mapFile(file);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") throw damaged(file, "it is missing", error);
    throw fileError(error, file, "map");
  }
  return new Float32Array(bytes.buffer, bytes.byteOffset, rows * dimension);
}

/** The first of `rows` (from 1) whose vector is not of unit length and finite, or null when all are. */
export function firstUnsoundRow(
  vectors: Float32Array,
  dimension: number,
  rows: Iterable<number>,
): number | null {
  for (const row of rows) {
    if (!isUnit(vectors.subarray((row - 1) * dimension, row * dimension))) return row;
  }
  return null;
}

function isUnit(vector: Float32Array): boolean {
  let squares = 0;
  for (const value of vector) squares += value * value;
  // NaN compares false, so a vector that holds one is not a unit vector.
  return Math.abs(Math.sqrt(squares) - 1) <= UNIT_TOLERANCE;
}
