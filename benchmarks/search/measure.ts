/** Measures everything: labelled sets, repositories' histories, ways to fuse over all of them, votes of commits. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Mean } from "./figures.ts";
import { bestOver, type Grid, tryAll } from "./grid.ts";
import { type HistoryTask, historyTask } from "./history-task.ts";
import { openModel } from "./model.ts";
import { type SetTask, setTask } from "./set-task.ts";
import { readSet } from "./sets.ts";
import { figuresOn, pooled, type ScoredWays, scoreWays, type TaskFigures } from "./task-figures.ts";
import { tryVotes, type VotesData } from "./votes.ts";
import { EQUAL, type Task, type Way } from "./ways.ts";

/** Sets that are measured, with nDCG@10 of MiniLM by sentence-transformers, as the sets' README has it. */
const SETS = { cosqa: 0.593, nl2bash: 0.581, mtrag: 0.767 } as const;

/** Commits before the split: this repository is young, and an earlier split leaves enough after it. */
const SHARES = { own: 0.4, others: 0.5 };

/** Where to look. */
export interface Inputs {
  /** Folder of labelled sets; null without. */
  readonly datasets: string | null;
  /** This repository. */
  readonly own: string;
  /** Folder of other repositories; null without. */
  readonly histories: string | null;
  readonly say: (message: string) => void;
}

/** A task on the page. */
export interface MeasuredTask {
  readonly name: string;
  readonly figures: TaskFigures;
  readonly grid: Grid;
  /** Of a set: nDCG@10 of the reference, and of vectors here, on the test queries as published. */
  readonly set?: { readonly documents: number; readonly reference: number; readonly found: Mean };
  /** Of a history. */
  readonly history?: Pick<HistoryTask, "split" | "passages" | "files" | "leftOut">;
}

/** All that SEARCH.json holds. */
export interface SearchData {
  readonly tasks: readonly MeasuredTask[];
  /**
   * The best way over the repositories, by a file's best passage: what the search is for. The sets say whether it
   * carries.
   */
  readonly chosen: Way;
  /** Over all tasks, over the sets (null where there are none), over the repositories. */
  readonly bestOfAll: Way;
  readonly bestOfSets: Way | null;
  readonly bestOfHistories: Way;
  readonly histories: Awaited<ReturnType<typeof pooled>>;
  readonly votes: VotesData;
}

/** Runs it all. */
export async function measure({ datasets, own, histories, say }: Inputs): Promise<SearchData> {
  await using engine = await openModel();
  const sets: SetTask[] = [];
  for (const name of datasets === null ? [] : Object.keys(SETS)) {
    say(`labelled set ${name}`);
    sets.push(await setTask(engine, readSet(datasets ?? "", name)));
  }
  const repositories = [{ name: "this repository", root: own, share: SHARES.own }];
  for (const name of histories === null ? [] : readdirSync(histories).sort()) {
    const root = join(histories ?? "", name);
    if (existsSync(join(root, ".git")))
      repositories.push({ name: basename(root), root, share: SHARES.others });
  }
  const tasks: HistoryTask[] = [];
  for (const repository of repositories) {
    say(`history of ${repository.name}`);
    tasks.push(await historyTask(engine, repository));
  }
  say("ways to fuse");
  return figures(sets, tasks);
}

async function figures(sets: readonly SetTask[], histories: readonly HistoryTask[]): Promise<SearchData> {
  const grids = new Map<Task, Grid>();
  for (const task of [...sets, ...histories]) grids.set(task, await tryAll(task));
  const gridsOf = (some: readonly Task[]) => some.map((task) => grids.get(task) ?? []);
  const bestPassage = (way: Way) => way.passagesPerDocument === EQUAL.passagesPerDocument;
  const chosen = bestOver(gridsOf(histories), bestPassage);
  const tasks: MeasuredTask[] = [];
  const scored: ScoredWays[] = [];
  for (const [task, grid] of grids) {
    const own = bestOver([grid]);
    const ways = await scoreWays(task, chosen, own);
    const measured = { name: task.name, figures: await figuresOn(task, own, ways), grid };
    const history = histories.find(({ name }) => name === task.name);
    const set = sets.find(({ name }) => name === task.name);
    if (set !== undefined) {
      const reference = SETS[set.name as keyof typeof SETS];
      tasks.push({ ...measured, set: { documents: set.documents, reference, found: set.published } });
    }
    if (history !== undefined) {
      const { split, passages, files, leftOut } = history;
      tasks.push({ ...measured, history: { split, passages, files, leftOut } });
      scored.push(ways);
    }
  }
  return {
    tasks,
    chosen,
    bestOfAll: bestOver([...grids.values()]),
    bestOfSets: sets.length === 0 ? null : bestOver(gridsOf(sets)),
    bestOfHistories: bestOver(gridsOf(histories)),
    histories: await pooled(scored),
    votes: await tryVotes(histories, chosen),
  };
}
