/** Ways to fuse the lists, tried on validation queries. */
import { EQUAL, search, type Task, type Way } from "./ways.ts";

/** Shares of vectors that are tried. */
const SHARES = [0, 0.1, 0.2, 0.25, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.75, 0.8, 0.9, 1] as const;
const CONSTANTS = [5, 10, 20, 60, 120] as const;

/** A way and its mean nDCG@10 on both halves. */
export interface Tried extends Way {
  readonly validation: number;
  readonly test: number;
}

/** All ways that were tried on a task. */
export type Grid = readonly Tried[];

/** Tries all ways on a task. Where one list has all the weight, k changes nothing. */
export async function tryAll(task: Task): Promise<Grid> {
  const tried: Tried[] = [];
  for (const passagesPerDocument of task.lists.keys()) {
    for (const vectors of SHARES) {
      for (const k of vectors === 0 || vectors === 1 ? [EQUAL.k] : CONSTANTS) {
        const way = { vectors, k, passagesPerDocument };
        const validation = (await search(task, way, "validation")).means[0] ?? 0;
        const test = (await search(task, way, "test")).means[0] ?? 0;
        tried.push({ ...way, validation, test });
      }
    }
  }
  return tried;
}

/** The way with the best mean over grids on validation queries, each grid counting the same; of those that `within` allows. */
export function bestOver(grids: readonly Grid[], within: (way: Way) => boolean = () => true): Way {
  const [all = [], ...others] = grids;
  const first = all.filter(within);
  const sumOf = (way: Way): number | null => {
    const found = others.map((grid) => grid.find((tried) => isSame(tried, way))?.validation);
    return found.reduce<number | null>(
      (sum, value) => (sum === null || value === undefined ? null : sum + value),
      0,
    );
  };
  const candidates = first.flatMap((tried) => {
    const rest = sumOf(tried);
    return rest === null ? [] : [{ tried, sum: tried.validation + rest }];
  });
  const [best] = candidates.sort((a, b) => b.sum - a.sum);
  if (best === undefined) throw new Error("no way was tried on every task");
  const { vectors, k, passagesPerDocument } = best.tried;
  return { vectors, k, passagesPerDocument };
}

function isSame(a: Way, b: Way): boolean {
  return a.vectors === b.vectors && a.k === b.k && a.passagesPerDocument === b.passagesPerDocument;
}
