import type { Hit } from "./lists.ts";

/** A hit with what it belongs to. */
export interface PlacedHit extends Hit {
  /** Id of the document, equal for all passages of one. */
  readonly document: number;
  /** Names the text: equal for equal texts. */
  readonly text: string;
}

/** A passage in its place among the passages of a list. */
export interface RankedPassage extends Hit {
  /** From 1. */
  readonly rank: number;
}

/** A document in its place in one list. */
export interface RankedDocument {
  readonly document: number;
  /** From 1. Documents whose best passages have the same text share a place. */
  readonly rank: number;
  readonly score: number;
  /** All of its passages that the list found, best first; none of a list that knows documents alone. */
  readonly passages: readonly RankedPassage[];
}

/**
 * Makes a list of documents of a list of passages: a document is worth what its best passages are worth, added up.
 *
 * Copies of one text take one place together: a licence that lies in a hundred folders would otherwise push everything
 * else a hundred places down.
 *
 * @param hits best first
 * @param passagesPerDocument how many of its best passages count; 1 takes the best alone
 */
export function rankDocuments(hits: readonly PlacedHit[], passagesPerDocument: number): RankedDocument[] {
  const found = new Map<number, { text: string; score: number; passages: RankedPassage[] }>();
  for (const [place, { row, score, document, text }] of hits.entries()) {
    const passage = { row, score, rank: place + 1 };
    const known = found.get(document);
    if (known === undefined) found.set(document, { text, score, passages: [passage] });
    else {
      if (known.passages.length < passagesPerDocument) known.score += score;
      known.passages.push(passage);
    }
  }
  // Sorting is stable: equal scores stay in the order of their best passages.
  const ordered = [...found].sort(([, a], [, b]) => b.score - a.score);
  const ranks = new Map<string, number>();
  let places = 0;
  return ordered.map(([document, { text, score, passages }]) => {
    const shared = ranks.get(text);
    const rank = shared ?? ++places;
    if (shared === undefined) ranks.set(text, rank);
    return { document, rank, score, passages };
  });
}
