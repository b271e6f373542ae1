/** What was found of a task on its test queries, in the ways that the page compares. */
import { type Difference, differenceOf, type Figures, figuresOf, type Scored } from "./figures.ts";
import { EQUAL, FULL_TEXT, search, type Task, VECTORS, type Way } from "./ways.ts";

/** Figures on test queries; differences are paired. */
export interface TaskFigures {
  readonly queries: { readonly validation: number; readonly test: number };
  readonly fullText: Figures;
  readonly vectors: Figures;
  readonly equal: Figures;
  /** The way that was chosen for all. */
  readonly chosen: Figures;
  /** The way that was best on this task's own validation queries. */
  readonly own: Figures & { readonly way: Way };
  readonly chosenLessFullText: Difference;
  readonly chosenLessVectors: Difference;
  /** Against the list that was better alone on the validation queries. */
  readonly ownLessBetter: Difference & { readonly better: "full-text" | "vectors" };
}

/** Test queries of one task, or of several together, in the ways that are compared. */
export interface ScoredWays {
  readonly fullText: Scored;
  readonly vectors: Scored;
  readonly equal: Scored;
  readonly chosen: Scored;
  readonly own: Scored;
}

/** Scores the ways on a task's test queries. */
export async function scoreWays(task: Task, chosen: Way, own: Way): Promise<ScoredWays> {
  const scored = (way: Way) => search(task, way, "test");
  return {
    fullText: await scored(FULL_TEXT),
    vectors: await scored(VECTORS),
    equal: await scored(EQUAL),
    chosen: await scored(chosen),
    own: await scored(own),
  };
}

/** Means, intervals and paired differences of a task. */
export async function figuresOn(task: Task, own: Way, scored: ScoredWays): Promise<TaskFigures> {
  const { fullText, vectors, equal, chosen } = scored;
  const onText = (await search(task, FULL_TEXT, "validation")).means[0] ?? 0;
  const onVectors = (await search(task, VECTORS, "validation")).means[0] ?? 0;
  const better = onText >= onVectors ? ("full-text" as const) : ("vectors" as const);
  const betterScored = better === "full-text" ? fullText : vectors;
  return {
    queries: { validation: task.validation.size, test: task.test.size },
    fullText: await figuresOf(fullText),
    vectors: await figuresOf(vectors),
    equal: await figuresOf(equal),
    chosen: await figuresOf(chosen),
    own: { ...(await figuresOf(scored.own)), way: own },
    chosenLessFullText: await differenceOf(chosen, fullText),
    chosenLessVectors: await differenceOf(chosen, vectors),
    ownLessBetter: { ...(await differenceOf(scored.own, betterScored)), better },
  };
}

/** Several tasks' queries as one, each query counting the same. */
export async function pooled(
  all: readonly ScoredWays[],
): Promise<
  Record<"fullText" | "vectors" | "equal" | "chosen", Figures> &
    Record<"chosenLessFullText" | "chosenLessVectors" | "equalLessFullText", Difference>
> {
  const join = (way: keyof ScoredWays): Scored => {
    const values = all.map((scored) => scored[way]);
    const ndcg = Float64Array.from(values.flatMap((scored) => [...scored.ndcg]));
    const count = ndcg.length;
    const means = [0, 1, 2].map((metric) =>
      values.reduce((sum, scored) => sum + ((scored.means[metric] ?? 0) * scored.ndcg.length) / count, 0),
    );
    return { ndcg, means };
  };
  const [fullText, vectors, equal, chosen] = [
    join("fullText"),
    join("vectors"),
    join("equal"),
    join("chosen"),
  ];
  return {
    fullText: await figuresOf(fullText),
    vectors: await figuresOf(vectors),
    equal: await figuresOf(equal),
    chosen: await figuresOf(chosen),
    equalLessFullText: await differenceOf(equal, fullText),
    chosenLessFullText: await differenceOf(chosen, fullText),
    chosenLessVectors: await differenceOf(chosen, vectors),
  };
}
