/** Ways to search: how the two lists are fused. */
import { type Scored, score } from "./figures.ts";
import type { Lists } from "./lists.ts";
import { fused, type Ranking, type WeightedRanking } from "./rankings.ts";
import type { Judgements } from "./sets.ts";

/** A way to search. */
export interface Way {
  /** Share of vectors in the weights, 0 to 1; full-text has the rest. */
  readonly vectors: number;
  /** The constant of reciprocal rank fusion. */
  readonly k: number;
  /** How many of a document's best passages a list adds up. */
  readonly passagesPerDocument: number;
}

/** Equal weights, k = 60, the best passage alone. */
export const EQUAL: Way = { vectors: 0.5, k: 60, passagesPerDocument: 1 };
export const FULL_TEXT: Way = { ...EQUAL, vectors: 0 };
export const VECTORS: Way = { ...EQUAL, vectors: 1 };

/** Queries whose ways are chosen, and queries on which they are reported. */
export type Half = "validation" | "test";

/** A labelled task with what each list found. */
export interface Task {
  readonly name: string;
  /** By passages per document. */
  readonly lists: ReadonlyMap<number, Lists>;
  readonly validation: Judgements;
  readonly test: Judgements;
}

/** What both lists found, with the weights of a way. */
export function weighted(lists: Lists, query: string, { vectors }: Way): WeightedRanking[] {
  const found = lists.get(query);
  if (found === undefined) throw new Error(`the query ${query} was not asked`);
  return [
    { ranking: found["full-text"], weight: 1 - vectors },
    { ranking: found.vectors, weight: vectors },
  ];
}

/** The documents that a way finds for a query. */
export function rankingOf(task: Pick<Task, "lists">, way: Way, query: string): Ranking {
  return fused(weighted(listsOf(task, way), query, way), way.k);
}

/** A task searched in a way, on one of its halves. */
export function search(task: Task, way: Way, half: Half): Promise<Scored> {
  return score(task[half], (query) => rankingOf(task, way, query));
}

/** The lists that a way fuses. */
export function listsOf({ lists }: Pick<Task, "lists">, { passagesPerDocument }: Way): Lists {
  const found = lists.get(passagesPerDocument);
  if (found === undefined)
    throw new Error(`nothing was asked with ${passagesPerDocument} passages a document`);
  return found;
}
