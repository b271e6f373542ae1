import { LIST_NAMES, type ListName, type ListVote } from "./lists.ts";
import type { RankedDocument } from "./rank-documents.ts";

/** A list of documents, best first. */
export interface RankedList {
  readonly list: ListName;
  readonly documents: readonly RankedDocument[];
}

/** A passage of a fused document, with the votes of the lists that found it. */
export interface FusedPassage {
  readonly row: number;
  /** Its places among the passages of each list. */
  readonly why: readonly ListVote[];
}

/** A document with the votes of all lists that found it. */
export interface FusedDocument {
  readonly document: number;
  readonly score: number;
  readonly why: readonly ListVote[];
  /** Every passage that a list found, the one that says most first; none where history alone found the document. */
  readonly passages: readonly FusedPassage[];
}

/** Votes on a document and on its passages, by row. */
interface Votes {
  readonly why: ListVote[];
  readonly passages: Map<number, ListVote[]>;
}

/**
 * The constant of reciprocal rank fusion where nothing else is said: of 5, 10, 20, 60 and 120 the best for equal weights on
 * the validation queries of three histories of repositories and three labelled sets. The formula's authors take 60; a smaller one
 * trusts the first places of a list more. nDCG@10 on test queries at 10 and at 60 (benchmarks/SEARCH.md): 0.510 and 0.497 over the
 * histories, 0.535 and 0.510 on CoSQA, 0.600 and 0.590 on NL2Bash, 0.818 and 0.811 on MTRAG.
 */
export const RRF_K = 10;

/**
 * Fuses ranked lists of documents by reciprocal rank: a document's score is the sum over lists of weight / (k + rank). The
 * formula is that of Cormack, Clarke and Büttcher, “Reciprocal Rank Fusion outperforms Condorcet and individual Rank
 * Learning Methods” (SIGIR 2009). The order in which they are given does not matter. A document's passages are ordered
 * by the same sum over their own places. Equal scores go to the better best place, then to what full-text scored
 * higher (it knows which path was asked for), then to the row that comes first.
 *
 * @param weights what each list counts for
 * @param k the constant of the formula
 */
export function fuse(
  lists: readonly RankedList[],
  weights: Readonly<Partial<Record<ListName, number>>>,
  k: number = RRF_K,
): FusedDocument[] {
  const weightOf = (list: ListName): number => weights[list] ?? 0;
  const scoreOf = (why: readonly ListVote[]): number =>
    why.reduce((sum, { list, rank }) => sum + weightOf(list) / (k + rank), 0);
  const fused = new Map<number, Votes>();
  // Sums of floats depend on their order.
  const ordered = lists.toSorted((a, b) => LIST_NAMES.indexOf(a.list) - LIST_NAMES.indexOf(b.list));
  for (const { list, documents } of ordered) {
    for (const { document, rank, score, passages } of documents) {
      const known: Votes = fused.get(document) ?? { why: [], passages: new Map() };
      fused.set(document, known);
      known.why.push({ list, rank, score });
      for (const { row, ...place } of passages) {
        const votes = known.passages.get(row) ?? [];
        known.passages.set(row, votes);
        votes.push({ list, ...place });
      }
    }
  }
  return [...fused]
    .map(([document, { why, passages }]) => ({
      document,
      why,
      score: scoreOf(why),
      passages: [...passages]
        .map(([row, votes]) => ({ row, why: votes, score: scoreOf(votes) }))
        .sort((a, b) => b.score - a.score || bestRank(a.why) - bestRank(b.why) || a.row - b.row)
        .map(({ row, why }) => ({ row, why })),
    }))
    .sort((a, b) => b.score - a.score || bestRank(a.why) - bestRank(b.why) || byText(a, b) || byRow(a, b));
}

function bestRank(why: readonly ListVote[]): number {
  return Math.min(...why.map(({ rank }) => rank));
}

function byText(a: FusedDocument, b: FusedDocument): number {
  const [left, right] = [a, b].map(({ why }) => why.find(({ list }) => list === "full-text")?.score ?? 0);
  return (right ?? 0) - (left ?? 0);
}

function byRow(a: FusedDocument, b: FusedDocument): number {
  return (a.passages[0]?.row ?? 0) - (b.passages[0]?.row ?? 0) || a.document - b.document;
}
