/** Vectors on the disk, searched in the native core: exact, at the cost of reading a quarter of them. */
import { PatinaError } from "@patina/core";
import type { NativeVectorIndex, SearchOutcome } from "./generated/addon.ts";
import type { TopK } from "./kernels/index.ts";
import { loadAddon } from "./load.ts";
import { nothingFound, throwFailed } from "./native-error.ts";
import { threadLimit } from "./threads.ts";

/** Where an index's files are, and how many vectors of how many numbers they hold. */
export interface VectorIndexFiles {
  /** `[rows × dimension]` float32, little-endian, row-major, each row of unit length or all zeros. */
  readonly floats: string;
  /** What {@link writeCodes} made of it: a quarter of its size, and 8 bytes a row. */
  readonly codes: string;
  readonly rows: number;
  /** 1 to 65,536. */
  readonly dimension: number;
}

/** What a search found. */
export interface VectorMatches extends TopK {
  /** Rows that were scored from their floats for it; the others' codes said that they are not among the best. */
  readonly rescored: number;
}

/** Options of {@link writeCodes}. */
export interface WriteCodesOptions {
  /**
   * Brings a codes file up to date that is there already: these rows are not what they were, in any order. Rows that it lacks are
   * appended, rows that there are no more are cut off. Without it the file is written anew and must not be there.
   */
  readonly changedRows?: Uint32Array;
}

/**
 * Writes the codes file of an index, down to the disk, on a thread of its own.
 *
 * @throws PatinaError `INTEGRITY` naming file and row where the floats have another size or a row is no unit vector, `IO`,
 * `INVALID_INPUT`.
 */
export async function writeCodes(files: VectorIndexFiles, options: WriteCodesOptions = {}): Promise<void> {
  const { changedRows } = options;
  if (changedRows !== undefined) check("writeCodes", "changedRows", changedRows, Uint32Array);
  throwFailed(await loadAddon().writeIndexCodes(files, changedRows));
}

/**
 * Vectors on the disk, open for searching. The files never change while it is open; they may be removed, which takes nothing from
 * it, but one that is cut short ends the process.
 *
 * Whoever opens it has the digest of the codes checked before. The floats need none: a row that is read has to give its own codes
 * once more, or the call fails with `INTEGRITY` and names it.
 */
export class VectorIndex implements Disposable {
  readonly rows: number;
  readonly dimension: number;
  readonly #native: NativeVectorIndex;

  /**
   * Maps the files into memory.
   *
   * @throws PatinaError `INTEGRITY` naming the file that is missing or has another size, `IO`, `INVALID_INPUT`.
   */
  constructor(files: VectorIndexFiles) {
    // Has to be known before a search counts its threads.
    threadLimit();
    const { NativeVectorIndex } = loadAddon();
    this.#native = new NativeVectorIndex();
    throwFailed(this.#native.open(files));
    this.rows = files.rows;
    this.dimension = files.dimension;
  }

  /**
   * The `k` rows with the largest dot product with `query`: what `topK` finds in the floats, to the last bit. Off the event loop,
   * on as many threads as may compute at once.
   *
   * @param query - `[dimension]`
   * @param k - at most this many rows are found; more than `rows` is fine
   * @param allowed - `[rows]`, one byte each; a row whose byte is 0 is left out
   * @throws PatinaError `INVALID_INPUT` where lengths disagree or a number of the query is not finite, `INTEGRITY`, `CLOSED`.
   */
  async search(query: Float32Array, k: number, allowed?: Uint8Array): Promise<VectorMatches> {
    return matches(await this.#native.search(query, this.#checkedCount(query, k, allowed), allowed));
  }

  /**
   * {@link search} while the event loop waits: 1 ms for 100,000 × 256, 5 ms for 100,000 × 1,024 on two cores (bench/RESULTS.md).
   * Where there may be many more rows and others to serve, `search` is the one to call.
   */
  searchSync(query: Float32Array, k: number, allowed?: Uint8Array): VectorMatches {
    return matches(this.#native.searchSync(query, this.#checkedCount(query, k, allowed), allowed));
  }

  /**
   * The dot product of each of the rows with `query`, in their order, off the event loop.
   *
   * @throws PatinaError as {@link search}; `INVALID_INPUT` for a row that there is not.
   */
  async score(query: Float32Array, rows: Uint32Array): Promise<Float32Array> {
    check("score", "query", query, Float32Array);
    check("score", "rows", rows, Uint32Array);
    const { numbers } = throwFailed(await this.#native.score(query, rows));
    if (!numbers) throw nothingFound();
    return numbers;
  }

  /**
   * A copy of a row's vector.
   *
   * @throws PatinaError as {@link score}.
   */
  vector(row: number): Float32Array {
    if (!Number.isSafeInteger(row) || row < 0 || row >= this.rows) {
      throw invalid(`there is no row ${row}: the index has ${this.rows}`);
    }
    const { numbers } = throwFailed(this.#native.vector(row));
    if (!numbers) throw nothingFound();
    return numbers;
  }

  /** Lets the files go, once the searches under way have ended; twice is fine. */
  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Of the rows to find, once the arguments are what they should be. */
  #checkedCount(query: Float32Array, k: number, allowed: Uint8Array | undefined): number {
    check("search", "query", query, Float32Array);
    if (allowed !== undefined) check("search", "allowed", allowed, Uint8Array);
    if (Number.isSafeInteger(k) && k >= 0) return Math.min(k, this.rows);
    throw invalid(`search: k has to be a whole number from 0, not ${k}`);
  }
}

function matches(outcome: SearchOutcome): VectorMatches {
  const { rows, scores, rescored } = throwFailed(outcome);
  if (!rows || !scores) throw nothingFound();
  return { rows, scores, rescored };
}

type Arrays = typeof Float32Array | typeof Uint32Array | typeof Uint8Array;

function check(call: string, name: string, value: unknown, type: Arrays): void {
  if (value instanceof type) return;
  const kind = value === null || value === undefined ? String(value) : value.constructor.name;
  throw invalid(`${call}: ${name} has to be a ${type.name}, not ${kind}`);
}

function invalid(message: string): PatinaError {
  return new PatinaError("INVALID_INPUT", message);
}
