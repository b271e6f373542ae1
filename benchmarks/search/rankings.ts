/** From what a search's lists found to one ranking of documents: the best passages, and fusion. Pure logic. */

/** A passage of one list, named by the document it is in. */
export interface Found {
  readonly document: string;
  readonly score: number;
}

/** Documents of one list or of several fused, best first. */
export type Ranking = readonly Found[];

/**
 * What a document's passages count for, best first: `max` is [1]; the sum of the best two [1, 1]. Missing ones count 0.
 */
export type Shares = readonly number[];

/** Ranks documents by their best passages; equal scores keep the order of the passages. */
export function byDocument(passages: readonly Found[], shares: Shares): Ranking {
  const documents = new Map<string, { score: number; seen: number }>();
  for (const { document, score } of passages) {
    const known = documents.get(document) ?? { score: 0, seen: 0 };
    known.score += score * (shares[known.seen] ?? 0);
    known.seen++;
    documents.set(document, known);
  }
  return [...documents].map(([document, { score }]) => ({ document, score })).sort((a, b) => b.score - a.score);
}

/** A list that takes part in a fusion. */
export interface WeightedRanking {
  readonly ranking: Ranking;
  readonly weight: number;
}

/**
 * Weighted reciprocal rank fusion over the first `depth` places of each list. As in the search, of documents with the same
 * score the one with the better place in some list comes first.
 */
export function fused(lists: readonly WeightedRanking[], k: number, depth: number): Ranking {
  const documents = new Map<string, { score: number; best: number }>();
  for (const { ranking, weight } of lists) {
    if (weight === 0) continue;
    for (const [index, { document }] of ranking.slice(0, depth).entries()) {
      const known = documents.get(document) ?? { score: 0, best: Number.POSITIVE_INFINITY };
      known.score += weight / (k + index + 1);
      known.best = Math.min(known.best, index + 1);
      documents.set(document, known);
    }
  }
  return [...documents]
    .sort(([, a], [, b]) => b.score - a.score || a.best - b.best)
    .map(([document, { score }]) => ({ document, score }));
}
