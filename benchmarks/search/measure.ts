/** Measures everything: labelled sets, repositories' histories, ways to fuse over all of them, votes of commits. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Mean } from "./figures.ts";
import { type FormFigures, tryForms } from "./forms.ts";
import { splitAt } from "./git-log.ts";
import { bestOver, type Grid, tryAll } from "./grid.ts";
import { type HistoryTask, historyTask, type Repository } from "./history-task.ts";
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
  /** Whether to try forms of passages as well, each of which is embedded once. */
  readonly forms: boolean;
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
  /** Null where they were not tried. */
  readonly forms: readonly FormFigures[] | null;
}

/** Runs it all. */
export async function measure(inputs: Inputs): Promise<SearchData> {
  const { datasets, forms, say } = inputs;
  await using engine = await openModel();
  const sets: SetTask[] = [];
  for (const name of datasets === null ? [] : Object.keys(SETS)) {
    say(`labelled set ${name}`);
    sets.push(await setTask(engine, readSet(datasets ?? "", name)));
  }
  const repositories = repositoriesOf(inputs);
  const tasks: HistoryTask[] = [];
  for (const repository of repositories) {
    say(`history of ${repository.name}`);
    tasks.push(await historyTask(engine, repository));
  }
  say("ways to fuse");
  const data = await figures(sets, tasks);
  return { ...data, forms: forms ? await tryForms(engine, repositories, data.chosen, say) : null };
}

function repositoriesOf({ own, histories }: Inputs): Repository[] {
  const folders = histories === null ? [] : readdirSync(histories).sort();
  const others = folders
    .map((name) => ({ name, root: join(histories ?? "", name) }))
    .filter(({ root }) => existsSync(join(root, ".git")));
  return [
    { name: "this repository", root: own, split: splitAt(own, SHARES.own) },
    ...others.map((other) => ({ ...other, split: splitAt(other.root, SHARES.others) })),
  ];
}

async function figures(
  sets: readonly SetTask[],
  histories: readonly HistoryTask[],
): Promise<Omit<SearchData, "forms">> {
  const grids = new Map<Task, Grid>();
  for (const task of [...sets, ...histories]) grids.set(task, await tryAll(task));
  const gridsOf = (some: readonly Task[]) => some.map((task) => grids.get(task) ?? []);
  const bestPassage = (way: Way) => way.passagesPerDocument === EQUAL.passagesPerDocument;
  const chosen = bestOver([...grids.values()], bestPassage);
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
