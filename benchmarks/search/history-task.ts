/** A repository's history, split, indexed as it was there, and asked what later commits say. */
import type { EmbeddingEngine } from "@patina/core";
import {
  type CommitMark,
  collectDocuments,
  type Passage,
  parseRecipe,
  passageBudget,
  type SourceDocument,
} from "@patina/projections";
import { commitsAfter, type Split, splitAt } from "./git-log.ts";
import { firstAndSecondHalf, type HistoryQueries, historyQueries } from "./history.ts";
import { ask, index, type Lists } from "./lists.ts";
import { FOLDER } from "./places.ts";
import type { Task } from "./ways.ts";

/** The recipe of somebody who changed nothing in it. */
const RECIPE = parseRecipe("version: 2\nembedding_model: all-minilm-l6-v2\n", "(benchmark)");

/** How many of a file's best passages are added up: what is tried. */
const PASSAGES_PER_DOCUMENT = [1, 2, 3] as const;

/** A repository as it was at its split. */
export interface HistoryTask extends Task {
  readonly split: Split;
  readonly passages: number;
  readonly files: number;
  readonly leftOut: HistoryQueries["leftOut"];
  /** By query, the commits that each list finds. */
  readonly commits: Lists;
  /** By commit up to the split, the indexed files it touched; merges, bots and mass renames are left out. */
  readonly touched: ReadonlyMap<string, readonly string[]>;
}

/** Passages of a tree and its history, with what is known of them. */
interface ReadTree {
  readonly passages: readonly Passage[];
  readonly files: ReadonlySet<string>;
  readonly touched: ReadonlyMap<string, readonly string[]>;
}

/** Splits a history so that `share` of its commits come before, indexes it as it was there and asks both lists. */
export async function historyTask(
  engine: EmbeddingEngine,
  repository: { readonly name: string; readonly root: string; readonly share: number },
): Promise<HistoryTask> {
  const { name, root, share } = repository;
  const split = splitAt(root, share);
  const { passages, files, touched } = await readTree(root, split.commit, passageBudget(engine.maxTokens));
  const marks = await marksOf(root);
  const later = commitsAfter(root, split.commit).map((commit) => ({
    ...commit,
    marks: marks.get(commit.hash) ?? [],
  }));
  const queries = historyQueries(later, files);
  const place = { engine, root: `${FOLDER}/history-${name}` };
  await index(place, passages);
  const lists = new Map<number, Lists>();
  const asked = { queries: queries.texts, kinds: ["code", "note"] as const };
  for (const passagesPerDocument of PASSAGES_PER_DOCUMENT) {
    lists.set(passagesPerDocument, await ask(place, { ...asked, passagesPerDocument }));
  }
  const commits = await ask(place, { ...asked, kinds: ["commit"], passagesPerDocument: 1 });
  const { validation, test } = firstAndSecondHalf(queries);
  const facts = { split, passages: passages.length, files: files.size, leftOut: queries.leftOut };
  const halves = { validation: validation.judgements, test: test.judgements };
  return { name, lists, ...halves, ...facts, commits, touched };
}

async function readTree(root: string, at: string, budget: number): Promise<ReadTree> {
  const passages: Passage[] = [];
  const touched = new Map<string, readonly string[]>();
  for await (const document of collectDocuments({ root, recipe: RECIPE, at, budget })) {
    const read = await document.read();
    passages.push(...read.passages);
    if (document.kind === "commit" && marksIn(read.passages).length === 0)
      touched.set(document.source, read.touched);
  }
  const files = new Set(passages.flatMap(({ path }) => path ?? []));
  for (const [commit, paths] of touched)
    touched.set(
      commit,
      paths.filter((path) => files.has(path)),
    );
  return { passages, files, touched };
}

/** What marks each commit of the whole history. */
async function marksOf(root: string): Promise<Map<string, readonly CommitMark[]>> {
  const marks = new Map<string, readonly CommitMark[]>();
  for await (const document of collectDocuments({ root, recipe: RECIPE, at: "HEAD" })) {
    if (isCommit(document)) marks.set(document.source, marksIn((await document.read()).passages));
  }
  return marks;
}

function isCommit({ kind }: SourceDocument): boolean {
  return kind === "commit";
}

function marksIn([first]: readonly Passage[]): readonly CommitMark[] {
  return first?.marks ?? [];
}
