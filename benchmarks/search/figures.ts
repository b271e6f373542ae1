/** Scores of rankings by the project's own metrics, and paired comparisons of them. */
import { compareScores, scoreRun } from "@patina/native";
import type { Ranking } from "./rankings.ts";
import type { Judgements } from "./sets.ts";

/** Metrics of the tables, the one that decides first. */
export const METRICS = ["ndcg@10", "recall@10", "mrr@10"] as const;

/** Results that the metrics look at. */
const DEPTH = 10;

/** A mean with its 95 % interval over queries. */
export interface Mean {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What a way of searching came to on judged queries. */
export interface Figures {
  /** nDCG@10. */
  readonly ndcg: Mean;
  readonly recall: number;
  readonly mrr: number;
}

/** One way of searching against another, on the same queries: the mean difference in nDCG@10. */
export interface Difference extends Mean {
  readonly pValue: number;
}

/** nDCG@10 of each judged query, in the order of {@link scoreRun}, and the means of all metrics. */
export interface Scored {
  readonly ndcg: Float64Array;
  readonly means: readonly number[];
}

/** Scores what `rankingOf` gives for every judged query. */
export async function score(judgements: Judgements, rankingOf: (query: string) => Ranking): Promise<Scored> {
  const run = new Map(
    [...judgements.keys()].map((query) => {
      // The order is the search's own: as scores it cannot be tied.
      const best = rankingOf(query).slice(0, DEPTH);
      return [query, new Map(best.map((document, index) => [document, DEPTH - index]))];
    }),
  );
  const { metrics } = await scoreRun(run, judgements, METRICS);
  return { ndcg: metrics[0]?.values as Float64Array, means: metrics.map(({ mean }) => mean) };
}

/** Means with the bootstrap's interval of the first. */
export async function figuresOf({ ndcg, means }: Scored): Promise<Figures> {
  const { meanDifference, low, high } = await compareScores(ndcg, new Float64Array(ndcg.length));
  return { ndcg: { mean: meanDifference, low, high }, recall: means[1] ?? 0, mrr: means[2] ?? 0 };
}

/** The paired difference `a - b`. */
export async function differenceOf(a: Scored, b: Scored): Promise<Difference> {
  const { meanDifference, low, high, pValue } = await compareScores(a.ndcg, b.ndcg);
  return { mean: meanDifference, low, high, pValue };
}
