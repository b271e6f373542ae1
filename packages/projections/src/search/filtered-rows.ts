import type { Database } from "bun:sqlite";
import { type Condition, conditionsOf, type FilterName, type SearchFilters } from "./filters.ts";

/** Filters whose rows are remembered, a byte a passage each; a search has up to three. */
const REMEMBERED = 8;

/** What filters let through. */
export interface FilterReport {
  /** Passages that pass all filters. */
  readonly passages: number;
  /** Where none passes: each filter, and how many would pass without it. */
  readonly excludedBy: readonly { readonly filter: FilterName; readonly without: number }[];
}

/** The rows that filters let through. */
export interface FilteredRows {
  /** One byte a row, from row 1: 1 where it passes. */
  readonly allowed: Uint8Array;
  /** Null where rows were left out without a filter. */
  readonly report: FilterReport | null;
}

/** Finds the rows that filters let through, over the passages of one generation. */
export class RowFilter {
  readonly #documents: Database;
  readonly #rows: number;
  /** By the filters of the last searches: pages of one query, or a session, ask with the same ones. */
  readonly #known: Map<string, FilteredRows> = new Map();
  readonly #distinct: Map<string, readonly (string | null)[]> = new Map();

  constructor(documents: Database, rows: number) {
    this.#documents = documents;
    this.#rows = rows;
  }

  /** Null where no filter is given: then everything passes. */
  find(filters: SearchFilters): FilteredRows | null {
    const conditions = conditionsOf(filters, (column) => this.#distinctValues(column));
    if (conditions.length === 0) return null;
    const key = JSON.stringify(conditions);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const allowed = new Uint8Array(this.#rows);
    let passages = 0;
    for (const [row] of this.#select("SELECT row", conditions)) {
      allowed[(row ?? 0) - 1] = 1;
      passages++;
    }
    const excludedBy = passages > 0 ? [] : this.#excludedBy(conditions);
    const rows = { allowed, report: { passages, excludedBy } };
    if (this.#known.size === REMEMBERED) this.#known.clear();
    this.#known.set(key, rows);
    return rows;
  }

  /** Leaves single rows out of what filters let through. */
  without(rows: FilteredRows | null, left: readonly number[]): FilteredRows {
    const allowed = rows?.allowed.slice() ?? new Uint8Array(this.#rows).fill(1);
    for (const row of left) allowed[row - 1] = 0;
    return { allowed, report: rows?.report ?? null };
  }

  #distinctValues(column: string): readonly (string | null)[] {
    const known = this.#distinct.get(column);
    if (known !== undefined) return known;
    const statement = this.#documents.query<{ value: string | null }, []>(
      `SELECT DISTINCT ${column} AS value FROM passages`,
    );
    const values = statement.all().map(({ value }) => value);
    this.#distinct.set(column, values);
    return values;
  }

  #excludedBy(conditions: readonly Condition[]): FilterReport["excludedBy"] {
    return conditions.map(({ filter }) => {
      const others = conditions.filter((condition) => condition.filter !== filter);
      const [counted] = this.#select("SELECT count(*)", others);
      return { filter, without: counted?.[0] ?? 0 };
    });
  }

  #select(what: string, conditions: readonly Condition[]): number[][] {
    const where = conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
    const statement = this.#documents.prepare<unknown, (string | number)[]>(`${what} FROM passages${where}`);
    try {
      return statement.values(...conditions.map(({ value }) => value)) as number[][];
    } finally {
      statement.finalize();
    }
  }
}
