/** Whether commits that a query finds should vote for the files they touched, as a list of their own. */
import { type Difference, differenceOf, type Scored, score } from "./figures.ts";
import type { HistoryTask } from "./history-task.ts";
import { filesByCommits, fused } from "./rankings.ts";
import { type Half, listsOf, type Way, weighted } from "./ways.ts";

/** What the commits' list counts for, where the two others count 1 together. */
const WEIGHTS = [0, 0.1, 0.25, 0.5, 1] as const;

/** Commits that vote. */
const VOTERS = [5, 10, 20, 50] as const;

/** How commits vote: the weight of their list, and how many do. */
export interface Vote {
  readonly weight: number;
  readonly voters: number;
}

/** What came of a vote, by task: mean nDCG@10. */
export interface VoteFigures extends Vote {
  readonly validation: Readonly<Record<string, number>>;
  readonly test: Readonly<Record<string, number>>;
}

/** All votes that were tried, and what the best on validation changes on test. */
export interface VotesData {
  readonly tried: readonly VoteFigures[];
  readonly best: Vote;
  /** By task: with votes less without. */
  readonly difference: Readonly<Record<string, Difference>>;
}

/** Tries votes beside a way of fusing the two lists. */
export async function tryVotes(tasks: readonly HistoryTask[], way: Way): Promise<VotesData> {
  const tried: VoteFigures[] = [];
  for (const weight of WEIGHTS) {
    for (const voters of weight === 0 ? VOTERS.slice(0, 1) : VOTERS) {
      const vote = { weight, voters };
      const validation: Record<string, number> = {};
      const test: Record<string, number> = {};
      for (const task of tasks) {
        validation[task.name] = (await searchWithVotes(task, way, vote, "validation")).means[0] ?? 0;
        test[task.name] = (await searchWithVotes(task, way, vote, "test")).means[0] ?? 0;
      }
      tried.push({ ...vote, validation, test });
    }
  }
  const sum = ({ validation }: VoteFigures) => Object.values(validation).reduce((a, b) => a + b, 0);
  const [first] = tried.toSorted((a, b) => sum(b) - sum(a));
  if (first === undefined) throw new Error("no vote was tried");
  const best = { weight: first.weight, voters: first.voters };
  const difference: Record<string, Difference> = {};
  for (const task of tasks) {
    const without = await searchWithVotes(task, way, { ...best, weight: 0 }, "test");
    difference[task.name] = await differenceOf(await searchWithVotes(task, way, best, "test"), without);
  }
  return { tried, best, difference };
}

/** A history searched with three lists. */
function searchWithVotes(task: HistoryTask, way: Way, { weight, voters }: Vote, half: Half): Promise<Scored> {
  return score(task[half], (query) => {
    const commits = fused(weighted(task.commits, query, way), way.k);
    const ranking = filesByCommits(commits, task.touched, { commits: voters, k: way.k });
    return fused([...weighted(listsOf(task, way), query, way), { ranking, weight }], way.k);
  });
}
