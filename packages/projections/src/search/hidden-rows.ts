import type { Database } from "bun:sqlite";
import type { Hit } from "./lists.ts";

/**
 * Rows whose vectors are not looked at: those that no passage has, and all but one of the passages with the same kind and
 * text. The one stands for the others, which are found with it.
 */
export class HiddenRows {
  readonly #free: readonly number[];
  /** All rows of a text that several have, in order, by each of them. */
  readonly #groups: Map<number, number[]> = new Map();

  constructor(documents: Database) {
    this.#free = documents
      .query<{ row: number }, []>("SELECT row FROM free_rows")
      .all()
      .map(({ row }) => row);
    const repeated = documents.query<{ row: number; first_row: number }, []>(
      "SELECT row, first_row FROM passages WHERE first_row <> row ORDER BY row",
    );
    for (const { row, first_row: first } of repeated.all()) {
      const group = this.#groups.get(first) ?? [first];
      group.push(row);
      this.#groups.set(first, group);
      this.#groups.set(row, group);
    }
  }

  /** `allowed` without free rows, and with one row of each group, the first that is allowed. */
  hide(allowed: Uint8Array): Uint8Array {
    const shown = allowed.slice();
    for (const row of this.#free) shown[row - 1] = 0;
    for (const group of new Set(this.#groups.values())) {
      let first = true;
      for (const row of group) {
        if (shown[row - 1] === 0) continue;
        if (!first) shown[row - 1] = 0;
        first = false;
      }
    }
    return shown;
  }

  /** The hits with the others of their groups after them, those that `allowed` lets through. */
  spread(hits: readonly Hit[], allowed: Uint8Array | undefined): Hit[] {
    return hits.flatMap((hit) => {
      const group = this.#groups.get(hit.row);
      if (group === undefined) return hit;
      const rows = group.filter((row) => allowed === undefined || allowed[row - 1] === 1);
      return rows.map((row) => ({ row, score: hit.score }));
    });
  }
}
