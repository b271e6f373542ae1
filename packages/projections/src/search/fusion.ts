import type { Hit } from "./hit.ts";

/** The lists a search asks. */
export type ListName = "full-text" | "vectors";

/** What one list thought of a passage. */
export interface ListVote {
  readonly list: ListName;
  /** Place in the list, from 1. */
  readonly rank: number;
  /** BM25 for full-text, cosine for vectors; not comparable with each other. */
  readonly score: number;
}

/** A text with the votes of all lists that found it. */
export interface FusedHit {
  /** The passage that stands for the text. */
  readonly row: number;
  readonly score: number;
  readonly why: readonly ListVote[];
}

/**
 * Reciprocal rank fusion: a text's score is the sum over lists of weight / (k + rank). The formula and k = 60 are
 * those of Cormack, Clarke and Büttcher, “Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
 * Methods” (SIGIR 2009).
 */
export const RRF_K = 60;

/** What each list counts for; one of weight 0 is not asked. */
export type ListWeights = Readonly<Record<ListName, number>>;

/** Weights of the lists; equal until a measurement on labelled queries says otherwise. */
export const LIST_WEIGHTS: ListWeights = { "full-text": 1, vectors: 1 };

/**
 * Fuses ranked lists. Passages with the same text are one: each list counts the best place of the text, and the
 * passage of the first list that found it stands for it (full-text knows which path was asked for).
 *
 * @param lists ranked, best first
 * @param weights what each list counts for
 * @param textOf names the text of a row: equal for equal texts
 */
export function fuse(
  lists: readonly { readonly list: ListName; readonly hits: readonly Hit[] }[],
  weights: ListWeights,
  textOf: (row: number) => string,
): FusedHit[] {
  const fused = new Map<string, { row: number; why: ListVote[] }>();
  for (const { list, hits } of lists) {
    const seen = new Set<string>();
    for (const { row, score } of hits) {
      const text = textOf(row);
      if (seen.has(text)) continue;
      seen.add(text);
      const vote = { list, rank: seen.size, score };
      const known = fused.get(text);
      if (known === undefined) fused.set(text, { row, why: [vote] });
      else known.why.push(vote);
    }
  }
  return [...fused.values()]
    .map(({ row, why }) => ({
      row,
      why,
      score: why.reduce((sum, vote) => sum + weights[vote.list] / (RRF_K + vote.rank), 0),
    }))
    .sort((a, b) => b.score - a.score || bestRank(a) - bestRank(b) || a.row - b.row);
}

function bestRank({ why }: FusedHit): number {
  return Math.min(...why.map(({ rank }) => rank));
}
