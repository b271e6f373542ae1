import { PatinaError } from "@patina/core";
import type { ListName } from "./lists.ts";

/**
 * What each of the lists that answer a query counts for; one of weight 0 is not asked. `history`, files that commits vote
 * for, asks the two others for the commits, by their weights.
 */
export type ListWeights = Readonly<Record<"full-text" | "vectors" | "history", number>>;

/** What each of the lists that answer what belongs with a file counts for. */
export type RelatedWeights = Readonly<Record<"vectors" | "co-change" | "mentions", number>>;

/** Where weights come from. */
export type WeightsSource = "default" | "recipe";

/** The weights of an index, and who chose them. */
export interface IndexWeights {
  readonly weights: ListWeights;
  readonly from: WeightsSource;
}

/**
 * Weights of the lists where nothing else is said, as measured on histories of repositories (benchmarks/SEARCH.md): equal
 * ones are best over them and three labelled sets with k = 10. History counts a quarter of the two others together: nDCG@10 on
 * test queries 0.343, 0.619 and 0.542 without it, 0.341, 0.668 and 0.585 with it (on validation all three gain). At half of
 * them the second gains more and the first loses.
 */
export const LIST_WEIGHTS: ListWeights = { "full-text": 1, vectors: 1, history: 0.5 };

/** Weights of the lists that answer what belongs with a file. */
export const RELATED_WEIGHTS: RelatedWeights = { vectors: 1, "co-change": 1, mentions: 1 };

/**
 * Throws `INVALID_INPUT` unless every weight is a number from 0 and one of them is above it; that of history is not
 * enough, for the other lists find its commits.
 */
export function checkedWeights<T extends ListWeights | RelatedWeights>(weights: T): T {
  const all = Object.entries(weights);
  const valid = all.every(([, weight]) => Number.isFinite(weight) && weight >= 0);
  if (valid && all.some(([list, weight]) => list !== "history" && weight > 0)) return weights;
  throw new PatinaError(
    "INVALID_INPUT",
    "the weights of the lists must be numbers from 0, one of them above it beside that of history, " +
      `not ${JSON.stringify(weights)}`,
  );
}

/** The list that counts for most; null where several do. */
export function leadOf(weights: Readonly<Partial<Record<ListName, number>>>): ListName | null {
  const [first, second] = Object.entries(weights).sort(([, a], [, b]) => b - a);
  return first === undefined || first[1] === second?.[1] ? null : (first[0] as ListName);
}
