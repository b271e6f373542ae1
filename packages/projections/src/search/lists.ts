/** Every list that a search may ask, in the order in which votes are told and added up. */
export const LIST_NAMES = ["full-text", "vectors", "history", "co-change", "mentions"] as const;

/**
 * A list of a search. `history` is of files that commits vote for; `co-change` and `mentions` answer only what belongs with
 * a file.
 */
export type ListName = (typeof LIST_NAMES)[number];

/** One place of a ranked list: a row of `passages` (from 1) and what the list thinks of it; higher is better. */
export interface Hit {
  readonly row: number;
  readonly score: number;
}

/** What one list thought of a document, or of a passage among passages. */
export interface ListVote {
  readonly list: ListName;
  /** Place in the list, from 1. */
  readonly rank: number;
  /**
   * BM25 for full-text and mentions, cosine for vectors, the sum of its votes for history, the log-likelihood ratio for
   * co-change; not comparable with each other.
   */
  readonly score: number;
}
