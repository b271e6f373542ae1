import type { Database, Statement } from "bun:sqlite";

/** Commits that two paths have to share before it counts as more than chance. */
const SUPPORT = 2;

/** A path that was changed together with another. */
export interface CoChange {
  readonly path: string;
  /** Commits that touched both. */
  readonly together: number;
  /** Log-likelihood ratio: how far that is from chance. */
  readonly score: number;
}

/**
 * Paths that were changed together, over the commits of one generation. Merges and mass renames say nothing about what
 * belongs together and are not counted.
 */
export class CoChangeList {
  readonly #commits: Statement<{ commits: number; own: number }>;
  readonly #together: Statement<{ path: string; together: number; alone: number }>;

  constructor(documents: Database) {
    const counted = `WITH counted AS MATERIALIZED (
      SELECT DISTINCT document AS id FROM passages
      WHERE kind = 'commit' AND marks NOT LIKE '%"merge"%' AND marks NOT LIKE '%"mass-rename"%')`;
    this.#commits = documents.query(
      `${counted} SELECT (SELECT count(*) FROM counted) AS commits,
       (SELECT count(*) FROM touched WHERE path = ? AND document IN (SELECT id FROM counted)) AS own`,
    );
    this.#together = documents.query(
      `${counted}, shared AS MATERIALIZED (
        SELECT other.path AS path, count(*) AS together FROM touched AS own
        JOIN touched AS other ON other.document = own.document
        WHERE own.path = ?1 AND other.path <> ?1 AND own.document IN (SELECT id FROM counted)
        GROUP BY other.path HAVING together >= ${SUPPORT})
       SELECT path, together, (SELECT count(*) FROM touched
         WHERE touched.path = shared.path AND document IN (SELECT id FROM counted)) AS alone FROM shared`,
    );
  }

  /** What was changed together with `path` more often than by chance, the surest first. */
  find(path: string): CoChange[] {
    const { commits = 0, own = 0 } = this.#commits.get(path) ?? {};
    return this.#together
      .all(path)
      .filter(({ together, alone }) => together * commits > own * alone)
      .map(({ path: other, together, alone }) => {
        const neither = commits - own - alone + together;
        const score = logLikelihoodRatio(together, own - together, alone - together, neither);
        return { path: other, together, score };
      })
      .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  }
}

/**
 * How far a 2 × 2 table of counts is from independence: G² of Dunning, “Accurate Methods for the Statistics of Surprise
 * and Coincidence” (Computational Linguistics 19, 1993). Unlike a share of commits it does not put two files that
 * were changed together twice, and never else, before those with forty commits in common.
 */
export function logLikelihoodRatio(both: number, first: number, second: number, neither: number): number {
  const rows = entropy(both + first, second + neither);
  const columns = entropy(both + second, first + neither);
  // Rounding may leave a little below 0 where there is independence.
  return Math.max(0, 2 * (rows + columns - entropy(both, first, second, neither)));
}

/** Shannon's entropy of counts, times their sum, in nats. */
function entropy(...counts: number[]): number {
  const xLogX = (count: number): number => (count === 0 ? 0 : count * Math.log(count));
  return (
    xLogX(counts.reduce((sum, count) => sum + count, 0)) - counts.reduce((sum, each) => sum + xLogX(each), 0)
  );
}
