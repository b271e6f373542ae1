import type { Database } from "bun:sqlite";
import type { VectorIndex } from "@patina/native";
import { healable } from "../generation/vector-codes.ts";
import type { PassageKind } from "../sources/passage.ts";
import type { Hit } from "./hit.ts";

/** Exact search by cosine over the vectors of one generation. */
export class VectorList {
  readonly #documents: Database;
  readonly #vectors: VectorIndex;
  /** Whether there are rows that are never found: duplicates and free ones. */
  readonly #hasHidden: boolean;
  /** Rows that may be found, by the kinds asked for: one byte each. */
  readonly #allowed: Map<string, Uint8Array> = new Map();

  constructor(documents: Database, vectors: VectorIndex, hasHidden: boolean) {
    this.#documents = documents;
    this.#vectors = vectors;
    this.#hasHidden = hasHidden;
  }

  /** The passages nearest to `query`, a unit vector; of passages with the same kind and text only the first. */
  find(query: Float32Array, kinds: readonly PassageKind[] | null, limit: number): Hit[] {
    const allowed = this.#allowedRows(kinds);
    const found = healable(() => this.#vectors.searchSync(query, limit, allowed));
    return Array.from(found.rows, (row, place) => ({
      row: row + 1,
      score: found.scores[place] ?? Number.NaN,
    }));
  }

  #allowedRows(kinds: readonly PassageKind[] | null): Uint8Array | undefined {
    if (kinds === null && !this.#hasHidden) return undefined;
    const key = kinds === null ? "" : [...kinds].sort().join(" ");
    let allowed = this.#allowed.get(key);
    if (allowed === undefined) {
      allowed = new Uint8Array(this.#vectors.rows).fill(kinds === null ? 1 : 0);
      const list = JSON.stringify(kinds ?? []);
      const ofKinds = this.#rowsOf("FROM passages WHERE kind IN (SELECT value FROM json_each(?))", list);
      for (const row of ofKinds) allowed[row - 1] = 1;
      for (const row of this.#rowsOf("FROM passages WHERE first_row <> row")) allowed[row - 1] = 0;
      for (const row of this.#rowsOf("FROM free_rows")) allowed[row - 1] = 0;
      this.#allowed.set(key, allowed);
    }
    return allowed;
  }

  #rowsOf(from: string, ...values: string[]): number[] {
    const select = this.#documents.query<{ row: number }, string[]>(`SELECT row ${from}`);
    return select.all(...values).map(({ row }) => row);
  }
}
