/** Ways to fuse the lists, tried on validation queries and told on test queries. */
import { type Difference, differenceOf, type Figures, figuresOf, type Scored, score } from "./figures.ts";
import type { Lists } from "./lists.ts";
import { fused, type Ranking } from "./rankings.ts";
import type { Judgements } from "./sets.ts";

/** Share of vectors in the weights; full-text has the rest. */
const SHARES = [0, 0.1, 0.2, 0.25, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.75, 0.8, 0.9, 1] as const;
const CONSTANTS = [5, 10, 20, 60, 120] as const;

/** How many of a document's best passages are added up. */
export const PASSAGES_PER_DOCUMENT = [1, 2, 3] as const;

/** A way to search. */
export interface Way {
  readonly vectors: number;
  readonly k: number;
  readonly passagesPerDocument: number;
}

/** What the search does unless told otherwise: equal weights, k = 60, the best passage alone. */
export const EQUAL: Way = { vectors: 0.5, k: 60, passagesPerDocument: 1 };

/** A labelled task with what each list found, by passages per document. */
export interface Task {
  readonly name: string;
  readonly lists: ReadonlyMap<number, Lists>;
  readonly validation: Judgements;
  readonly test: Judgements;
}

/** A way and its mean nDCG@10 on both halves. */
export interface Tried extends Way {
  readonly validation: number;
  readonly test: number;
}

/** Every way there is to try. Where one list has all the weight, k changes nothing. */
export function ways(perDocument: readonly number[] = PASSAGES_PER_DOCUMENT): Way[] {
  return perDocument.flatMap((passagesPerDocument) =>
    SHARES.flatMap((vectors) => {
      const constants = vectors === 0 || vectors === 1 ? [EQUAL.k] : CONSTANTS;
      return constants.map((k) => ({ vectors, k, passagesPerDocument }));
    }),
  );
}

/** A task searched in a way, on one of its halves. */
export function search(task: Task, way: Way, half: "validation" | "test"): Promise<Scored> {
  return score(task[half], (query) => ranking(task, way, query));
}

/** The documents that a way finds for a query. */
export function ranking({ lists }: Pick<Task, "lists">, { vectors, k, passagesPerDocument }: Way, query: string): Ranking {
  const found = lists.get(passagesPerDocument)?.get(query);
  if (found === undefined) throw new Error(`the query ${query} was not asked`);
  const weighted = [
    { ranking: found["full-text"], weight: 1 - vectors },
    { ranking: found.vectors, weight: vectors },
  ];
  return fused(weighted, k);
}

/** Tries all ways on a task. */
export async function tryAll(task: Task): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const way of ways([...task.lists.keys()])) {
    const [validation, test] = await Promise.all([search(task, way, "validation"), search(task, way, "test")]);
    tried.push({ ...way, validation: validation.means[0] ?? 0, test: test.means[0] ?? 0 });
  }
  return tried;
}

/** The way with the best mean over tasks on validation queries, each task counting the same. */
export function bestOverall(grids: readonly (readonly Tried[])[]): Way {
  const keyOf = ({ vectors, k, passagesPerDocument }: Way) => `${vectors} ${k} ${passagesPerDocument}`;
  const sums = new Map<string, { way: Way; sum: number; tasks: number }>();
  for (const grid of grids) {
    for (const { validation, test: _, ...way } of grid) {
      const known = sums.get(keyOf(way)) ?? { way, sum: 0, tasks: 0 };
      sums.set(keyOf(way), { way, sum: known.sum + validation, tasks: known.tasks + 1 });
    }
  }
  const everywhere = [...sums.values()].filter(({ tasks }) => tasks === grids.length);
  const [best] = everywhere.sort((a, b) => b.sum - a.sum);
  if (best === undefined) throw new Error("no way was tried on every task");
  return best.way;
}

/** What was found of a task, on its test queries. */
export interface TaskFigures {
  readonly queries: { readonly validation: number; readonly test: number };
  readonly fullText: Figures;
  readonly vectors: Figures;
  readonly equal: Figures;
  /** The way that is best over all tasks. */
  readonly overall: Figures;
  /** The way that was best on this task's validation queries. */
  readonly own: Figures & { readonly way: Way };
  readonly overallLessFullText: Difference;
  readonly overallLessVectors: Difference;
  readonly ownLessBetter: Difference & { readonly better: "full-text" | "vectors" };
}

/** Scores the ways that the page compares. */
export async function figuresOn(task: Task, grid: readonly Tried[], best: Way): Promise<TaskFigures> {
  const alone = (vectors: number): Way => ({ ...EQUAL, vectors });
  const [first] = bestOf(grid);
  const own: Way = { vectors: first.vectors, k: first.k, passagesPerDocument: first.passagesPerDocument };
  const scored = async (way: Way) => search(task, way, "test");
  const [fullText, vectors, equal, overall, mine] = await Promise.all(
    [alone(0), alone(1), EQUAL, best, own].map(scored),
  ) as [Scored, Scored, Scored, Scored, Scored];
  const [onText, onVectors] = await Promise.all([alone(0), alone(1)].map((way) => search(task, way, "validation"))) as [Scored, Scored];
  const better = (onText.means[0] ?? 0) >= (onVectors.means[0] ?? 0) ? "full-text" : "vectors";
  return {
    queries: { validation: task.validation.size, test: task.test.size },
    fullText: await figuresOf(fullText),
    vectors: await figuresOf(vectors),
    equal: await figuresOf(equal),
    overall: await figuresOf(overall),
    own: { ...(await figuresOf(mine)), way: own },
    overallLessFullText: await differenceOf(overall, fullText),
    overallLessVectors: await differenceOf(overall, vectors),
    ownLessBetter: { ...(await differenceOf(mine, better === "full-text" ? fullText : vectors)), better },
  };
}

function bestOf(grid: readonly Tried[]): [Tried, ...Tried[]] {
  const sorted = grid.toSorted((a, b) => b.validation - a.validation);
  if (sorted.length === 0) throw new Error("no way was tried");
  return sorted as [Tried, ...Tried[]];
}
