import { PatinaError } from "@patina/core";
import { COMMIT_MARKS, type CommitMark, PASSAGE_KINDS, type PassageKind } from "../sources/passage.ts";
import { pathGlobs } from "./path-globs.ts";
import { timeBound } from "./time-bound.ts";

/**
 * Which passages a search looks at; all filters that are given have to let one through. A file that history finds is held to
 * `kinds` and `paths`, and the commits that vote for it to `author`, `since` and `until`.
 */
export interface SearchFilters {
  /** Only these kinds. */
  readonly kinds?: readonly PassageKind[] | undefined;
  /**
   * Globs from the repository's root, as in `.gitignore`; one with `!` excludes. Where one says what to take, what has
   * no path (a commit) is left out.
   */
  readonly paths?: readonly string[] | undefined;
  /** Part of the author's name, in any case; what has no author is left out. */
  readonly author?: string | undefined;
  /** Not before: Unix seconds, a date, or a span before now such as `2w`; what has no time (code) is left out. */
  readonly since?: string | number | undefined;
  /** Not after, as `since`; a day counts whole. */
  readonly until?: string | number | undefined;
  /** Leaves out commits with any of these marks. */
  readonly hide?: readonly CommitMark[] | undefined;
}

/** Name of a filter. */
export type FilterName = keyof SearchFilters;

/** Values of a column that occur in the index. */
export type DistinctValues = (column: "path" | "author" | "marks") => readonly (string | null)[];

/** A filter as a condition on a row of `passages`. */
export interface Condition {
  readonly filter: FilterName;
  readonly sql: string;
  readonly value: string | number;
}

/**
 * Checks filters and turns them into conditions. What SQL cannot say (a glob, letters in any case) is asked of the
 * distinct values, of which there are few.
 *
 * @throws PatinaError `INVALID_INPUT` for a filter that cannot be acted on.
 */
export function conditionsOf(filters: SearchFilters, distinct: DistinctValues): Condition[] {
  const { kinds, paths, author, since, until, hide } = filters;
  const conditions: Condition[] = [];
  const oneOf = (filter: FilterName, column: string, values: readonly (string | null)[]): void => {
    const sql = `${column} IN (SELECT value FROM json_each(?))`;
    conditions.push({ filter, sql, value: JSON.stringify(values) });
  };
  if (kinds !== undefined) oneOf("kinds", "kind", checked("kinds", "kind", kinds, PASSAGE_KINDS));
  if (paths !== undefined) {
    const globs = pathGlobs(paths);
    const matching = distinct("path").filter((path) => path !== null && globs.matches(path));
    const sql = `(path IN (SELECT value FROM json_each(?))${globs.includes ? "" : " OR path IS NULL"})`;
    conditions.push({ filter: "paths", sql, value: JSON.stringify(matching) });
  }
  if (author !== undefined) {
    const part = author.trim().toLowerCase();
    if (part === "") throw invalid("author", "the author is empty: give a part of a name");
    oneOf(
      "author",
      "author",
      distinct("author").filter((name) => name?.toLowerCase().includes(part)),
    );
  }
  const after = since === undefined ? undefined : timeBound("since", since);
  const before = until === undefined ? undefined : timeBound("until", until);
  if (after !== undefined && before !== undefined && after > before)
    throw invalid("since", `nothing is both since ${since} and until ${until}: give an earlier \`since\``);
  if (after !== undefined) conditions.push({ filter: "since", sql: "time >= ?", value: after });
  if (before !== undefined) conditions.push({ filter: "until", sql: "time <= ?", value: before });
  if (hide !== undefined) {
    const hidden = checked("hide", "mark", hide, COMMIT_MARKS);
    const shown = (marks: string | null): boolean =>
      !(JSON.parse(marks ?? "[]") as CommitMark[]).some((mark) => hidden.includes(mark));
    if (COMMIT_MARKS.every((mark) => hidden.includes(mark))) oneOf("hide", "marks", ["[]"]);
    else oneOf("hide", "marks", distinct("marks").filter(shown));
  }
  return conditions;
}

function checked<T extends string>(
  filter: FilterName,
  what: string,
  values: readonly T[],
  known: readonly T[],
): readonly T[] {
  const unknown = values.find((value) => !known.includes(value));
  if (values.length > 0 && unknown === undefined) return values;
  const problem = unknown === undefined ? `no ${what} was given` : `there is no ${what} “${unknown}”`;
  throw invalid(filter, `${problem}: use one or more of ${known.join(", ")}`);
}

function invalid(key: FilterName, message: string): PatinaError {
  return new PatinaError("INVALID_INPUT", message, { key });
}
