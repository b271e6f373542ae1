import type { Database } from "bun:sqlite";
import type { Hit } from "./lists.ts";

/**
 * Passages that have the same kind and text, so that their vectors are looked at once. Vectors stand for one of them;
 * all of them are found.
 */
export class Duplicates {
  /** All rows of a text that several have, in order, by each of them. */
  readonly #groups: Map<number, number[]> = new Map();

  constructor(documents: Database) {
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

  /** Leaves one allowed row of each group in `allowed`, the first. */
  thin(allowed: Uint8Array): Uint8Array {
    const thinned = allowed.slice();
    for (const group of new Set(this.#groups.values())) {
      let first = true;
      for (const row of group) {
        if (thinned[row - 1] === 0) continue;
        if (!first) thinned[row - 1] = 0;
        first = false;
      }
    }
    return thinned;
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
