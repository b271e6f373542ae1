import type { Database } from "bun:sqlite";
import { topK } from "@patina/native";
import { Duplicates } from "./duplicates.ts";
import type { Hit } from "./lists.ts";

/** Exact search by cosine over the vectors of one generation. */
export class VectorList {
  readonly #vectors: Float32Array;
  readonly #rows: number;
  readonly #dimension: number;
  readonly #documents: Database;
  readonly #hasDuplicates: boolean;
  #duplicates: Duplicates | undefined;
  /** What is looked at where nothing is filtered: a row for each text. */
  #distinct: Uint8Array | undefined;

  constructor(documents: Database, vectors: Float32Array, dimension: number, hasDuplicates: boolean) {
    this.#documents = documents;
    this.#vectors = vectors;
    this.#rows = vectors.length / dimension;
    this.#dimension = dimension;
    this.#hasDuplicates = hasDuplicates;
  }

  /** The vector of a row of `passages`, of unit length. */
  vector(row: number): Float32Array {
    return this.#vectors.subarray((row - 1) * this.#dimension, row * this.#dimension);
  }

  /**
   * The passages nearest to `query`, a unit vector, of those that `allowed` (a byte a row; absent: all) lets through.
   * `limit` counts distinct texts: passages of the same kind and text come together.
   */
  find(query: Float32Array, allowed: Uint8Array | undefined, limit: number): Hit[] {
    const distinct = this.#distinctRows(allowed);
    const most = Math.min(limit, this.#rows);
    const found = topK(this.#vectors, this.#rows, this.#dimension, query, most, distinct);
    const hits = Array.from(found.rows, (row, place) => ({
      row: row + 1,
      score: found.scores[place] ?? Number.NaN,
    }));
    return this.#duplicates === undefined ? hits : this.#duplicates.spread(hits, allowed);
  }

  #distinctRows(allowed: Uint8Array | undefined): Uint8Array | undefined {
    if (!this.#hasDuplicates) return allowed;
    this.#duplicates ??= new Duplicates(this.#documents);
    if (allowed !== undefined) return this.#duplicates.thin(allowed);
    this.#distinct ??= this.#duplicates.thin(new Uint8Array(this.#rows).fill(1));
    return this.#distinct;
  }
}
