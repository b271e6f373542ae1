/** Rankings of documents: fusion of several lists with any weights, and files voted for by commits. Pure logic. */

import { commitVotes } from "../../packages/projections/src/search/commit-votes.ts";

/** Documents, best first. */
export type Ranking = readonly string[];

/** A list that takes part in a fusion. */
export interface WeightedRanking {
  readonly ranking: Ranking;
  readonly weight: number;
}

/**
 * Weighted reciprocal rank fusion, as the search has it: a document's score is the sum over lists of weight / (k + place),
 * and of documents with the same score the one with the better place in some list comes first. Here, so that hundreds of
 * weights are tried on lists that were asked for once; a test holds the two against each other.
 */
export function fused(lists: readonly WeightedRanking[], k: number): Ranking {
  const documents = new Map<string, { score: number; best: number }>();
  for (const { ranking, weight } of lists) {
    if (weight === 0) continue;
    for (const [index, document] of ranking.entries()) {
      const known = documents.get(document) ?? { score: 0, best: Number.POSITIVE_INFINITY };
      known.score += weight / (k + index + 1);
      known.best = Math.min(known.best, index + 1);
      documents.set(document, known);
    }
  }
  return [...documents]
    .sort(([, a], [, b]) => b.score - a.score || a.best - b.best)
    .map(([document]) => document);
}

/** How commits vote. */
export interface Voting {
  /** Commits that vote, the best ones. */
  readonly commits: number;
  /** Of reciprocal rank. */
  readonly k: number;
}

/**
 * Files that the best commits touched, by the search's own votes.
 *
 * @param commits ranked, best first
 * @param touched by commit, the files that count
 */
export function filesByCommits(
  commits: Ranking,
  touched: ReadonlyMap<string, readonly string[]>,
  { commits: most, k }: Voting,
): Ranking {
  const files = commits.slice(0, most).map((commit) => touched.get(commit) ?? []);
  return commitVotes(files, k).map(([file]) => file);
}
