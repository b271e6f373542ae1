import type { Database } from "bun:sqlite";
import type { VectorIndex } from "@patina/native";
import { healable } from "../generation/healable.ts";
import { HiddenRows } from "./hidden-rows.ts";
import type { Hit } from "./lists.ts";

/** Exact search by cosine over the vectors of one generation. */
export class VectorList {
  readonly #vectors: VectorIndex;
  readonly #documents: Database;
  readonly #hasHidden: boolean;
  #hidden: HiddenRows | undefined;
  /** What is looked at where nothing is filtered, one byte a row. */
  #shown: Uint8Array | undefined;

  /** @param hasHidden whether there are free rows or duplicates */
  constructor(documents: Database, vectors: VectorIndex, hasHidden: boolean) {
    this.#documents = documents;
    this.#vectors = vectors;
    this.#hasHidden = hasHidden;
  }

  /** The vector of a row of `passages`, of unit length. */
  vector(row: number): Float32Array {
    return healable(() => this.#vectors.vector(row - 1));
  }

  /**
   * The passages nearest to `query`, a unit vector, of those that `allowed` (a byte a row; absent: all) lets through.
   * `limit` counts distinct texts: passages of the same kind and text come together.
   */
  find(query: Float32Array, allowed: Uint8Array | undefined, limit: number): Hit[] {
    const shown = this.#shownRows(allowed);
    const found = healable(() => this.#vectors.searchSync(query, limit, shown));
    const hits = Array.from(found.rows, (row, place) => ({
      row: row + 1,
      score: found.scores[place] ?? Number.NaN,
    }));
    return this.#hidden === undefined ? hits : this.#hidden.spread(hits, allowed);
  }

  /** Lets the files go; twice is fine. */
  close(): void {
    this.#vectors.close();
  }

  #shownRows(allowed: Uint8Array | undefined): Uint8Array | undefined {
    if (!this.#hasHidden) return allowed;
    this.#hidden ??= new HiddenRows(this.#documents);
    if (allowed !== undefined) return this.#hidden.hide(allowed);
    this.#shown ??= this.#hidden.hide(new Uint8Array(this.#vectors.rows).fill(1));
    return this.#shown;
  }
}
