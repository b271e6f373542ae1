/** Metrics of a run against judgements, and the comparison of two runs, in the native core. */
import { PatinaError } from "@patina/core";
import type { NativeCompareOptions, NativeComparison } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** By query and document, the score that a search gave. The order of a map's entries means nothing. */
export type Run = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** By query and document, how relevant a person found it: a whole number; above 0 is relevant, higher is more so. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What {@link scoreRun} found. */
export interface RunScores {
  /** The judged queries, in the order of their UTF-8 bytes; those without a relevant document score 0. */
  readonly queries: readonly string[];
  /** One for each metric that was asked for, in that order. */
  readonly metrics: readonly {
    readonly metric: string;
    /** Of `values`. */
    readonly mean: number;
    /** `[queries]`, each from 0 to 1. */
    readonly values: Float64Array;
  }[];
  /** Queries of the run that nobody judged, which count nowhere. */
  readonly unjudged: readonly string[];
}

/**
 * Options of {@link compareScores}: `seed` (a whole number, default 0) decides every random number, `resamples` (100 to
 * 1,000,000, default 10,000) how many there are, `confidence` (default 0.95) and `method` (default `bca`) the interval.
 */
export type CompareOptions = Readonly<NativeCompareOptions>;

/** What {@link compareScores} found. */
export type ScoreComparison = Readonly<NativeComparison>;

/**
 * Scores a run as `trec_eval -c` does: by score in float32, the highest first, equal scores by document id, the last first;
 * a judged query that the run lacks scores 0. Scoring runs on a thread of its own; handing over the ids does not, and takes the
 * event loop about 0.3 s for a million results.
 *
 * @param metrics - `ndcg@k`, `mrr@k`, `recall@k`, `precision@k`, `map@k`, `hit_rate@k`; `ndcg`, `mrr` and `map` also without `@k`
 * @throws PatinaError `INVALID_INPUT` for an unknown metric, naming the nearest; where there are no judgements; for a score
 * that is not finite, a grade that is no whole number, or an id that is no text.
 */
export async function scoreRun(
  run: Run,
  judgements: Judgements,
  metrics: readonly string[],
): Promise<RunScores> {
  const rankings = [...run].map(([query, found]) => {
    const documents = ids(query, found);
    return { query, documents, scores: Float64Array.from(found.values()) };
  });
  const judged = [...judgements].map(([query, grades]) => {
    const documents = ids(query, grades);
    for (const [document, grade] of grades) checkGrade(query, document, grade);
    return { query, documents, grades: Int32Array.from(grades.values()) };
  });
  const { error, ...scores } = await loadAddon().scoreRun(rankings, judged, [...metrics]);
  if (error) throw fromNative(error);
  return scores;
}

/**
 * Compares the values of two runs over the same queries, index by index: the mean of `a - b`, its bootstrap interval, and the
 * p-value of a paired, two-sided randomisation test with the step in which it could have come out. Seeded: the same
 * everywhere.
 *
 * @throws PatinaError `INVALID_INPUT` where the runs have different numbers of values or none, a value is not finite or an
 * option is out of its range.
 */
export async function compareScores(
  a: Float64Array,
  b: Float64Array,
  options: CompareOptions = {},
): Promise<ScoreComparison> {
  for (const values of [a, b]) {
    if (!(values instanceof Float64Array)) {
      throw invalid("compareScores: the values of a run have to be a Float64Array, as scoreRun gives them");
    }
  }
  const { error, comparison } = await loadAddon().compareScores(a, b, options);
  if (error) throw fromNative(error);
  if (!comparison) throw new PatinaError("INTERNAL", "the addon compared nothing and gave no reason");
  return comparison;
}

/** The documents of a query. Half a surrogate pair has no UTF-8: two ids could become one. */
function ids(query: string, documents: ReadonlyMap<string, number>): string[] {
  const all = [...documents.keys()];
  const broken = [query, ...all].find((id) => !id.isWellFormed());
  if (broken !== undefined) {
    throw invalid(`scoreRun: the id ${JSON.stringify(broken)} holds half a surrogate pair, which is no text`);
  }
  return all;
}

/** An `Int32Array` would cut off silently what does not fit. */
function checkGrade(query: string, document: string, grade: number): void {
  if (grade !== (grade | 0)) {
    throw invalid(
      `scoreRun: the grade of document ${JSON.stringify(document)} for query ${JSON.stringify(query)} is ${grade}; ` +
        "grades have to be whole numbers of 32 bits",
    );
  }
}

function invalid(message: string): PatinaError {
  return new PatinaError("INVALID_INPUT", message);
}
