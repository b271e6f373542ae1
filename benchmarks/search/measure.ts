/** Measures everything: labelled sets, repositories' histories, ways to fuse over all of them, votes of commits. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { bestOver, type Grid, tryAll } from "./grid.ts";
import { type HistoryTask, historyTask } from "./history-task.ts";
import { openModel } from "./model.ts";
import { setTask } from "./set-task.ts";
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
  /** Of a set: nDCG@10 of the reference. */
  readonly reference?: number;
  /** Of a history. */
  readonly history?: Pick<HistoryTask, "split" | "passages" | "files" | "leftOut">;
}

/** All that SEARCH.json holds. */
export interface SearchData {
  readonly tasks: readonly MeasuredTask[];
  /** The best way over all tasks, over the sets, over the repositories; null where there are none. */
  readonly common: Way;
  readonly commonOfSets: Way | null;
  readonly commonOfHistories: Way;
  readonly histories: Awaited<ReturnType<typeof pooled>>;
  readonly votes: VotesData;
}

/** Runs it all. */
export async function measure({ datasets, own, histories, say }: Inputs): Promise<SearchData> {
  await using engine = await openModel();
  const sets: Task[] = [];
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

async function figures(sets: readonly Task[], histories: readonly HistoryTask[]): Promise<SearchData> {
  const grids = new Map<Task, Grid>();
  for (const task of [...sets, ...histories]) grids.set(task, await tryAll(task));
  const gridsOf = (some: readonly Task[]) => some.map((task) => grids.get(task) ?? []);
  const common = bestOver([...grids.values()]);
  const commonOfHistories = bestOver(gridsOf(histories));
  const tasks: MeasuredTask[] = [];
  const scored: ScoredWays[] = [];
  for (const [task, grid] of grids) {
    const own = bestOver([grid]);
    const ways = await scoreWays(task, common, own);
    const measured = { name: task.name, figures: await figuresOn(task, own, ways), grid };
    const history = histories.find(({ name }) => name === task.name);
    if (history === undefined) {
      tasks.push({ ...measured, reference: SETS[task.name as keyof typeof SETS] });
    } else {
      const { split, passages, files, leftOut } = history;
      tasks.push({ ...measured, history: { split, passages, files, leftOut } });
      scored.push(ways);
    }
  }
  return {
    tasks,
    common,
    commonOfSets: sets.length === 0 ? null : bestOver(gridsOf(sets)),
    commonOfHistories,
    histories: await pooled(scored),
    votes: await tryVotes(histories, { ...common, passagesPerDocument: EQUAL.passagesPerDocument }),
  };
}
