/** A repository's history, split, indexed as it was there, and asked what later commits say. */
import type { EmbeddingEngine } from "@patina/core";
import {
  type CommitMark,
  collectDocuments,
  measureByTokens,
  type PassageForm,
  parseRecipe,
  type ReadDocument,
  type SourceDocument,
} from "@patina/projections";
import { commitsAfter, type Split } from "./git-log.ts";
import { firstAndSecondHalf, type HistoryQueries, historyQueries } from "./history.ts";
import { ask, index, type Lists } from "./lists.ts";
import { FOLDER } from "./places.ts";
import type { Task } from "./ways.ts";

/** The recipe of somebody who changed nothing in it. */
const RECIPE = parseRecipe("version: 2\nembedding_model: all-minilm-l6-v2\n", "(benchmark)");

/** How many of a file's best passages are added up: what is tried. */
const PASSAGES_PER_DOCUMENT = [1, 2, 3] as const;

/** How a tree is cut into passages; what is left out is the library's default. */
export interface Form {
  readonly form?: PassageForm;
  readonly merge?: boolean;
  /** Most tokens of a passage. */
  readonly tokens?: number;
}

/** A repository and where to split it. */
export interface Repository {
  readonly name: string;
  readonly root: string;
  readonly split: Split;
}

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

/** Splits a history, indexes it as it was there and asks both lists. */
export async function historyTask(
  engine: EmbeddingEngine,
  { name, root, split }: Repository,
  form: Form = {},
  perDocument: readonly number[] = PASSAGES_PER_DOCUMENT,
): Promise<HistoryTask> {
  const documents = await readTree(engine, root, split.commit, form);
  const files = new Set(documents.filter(isFile).map(({ source }) => source));
  const marks = await marksOf(root, split.head);
  const later = commitsAfter(root, split).map((commit) => ({
    ...commit,
    marks: marks.get(commit.hash) ?? [],
  }));
  const queries = historyQueries(later, files);
  const place = { engine, root: `${FOLDER}/history-${name}` };
  const passages = await index(place, documents, JSON.stringify(form));
  const asked = { queries: queries.texts, kinds: ["code", "note"] as const };
  const lists = new Map<number, Lists>();
  for (const passagesPerDocument of perDocument) {
    lists.set(passagesPerDocument, await ask(place, { ...asked, passagesPerDocument }));
  }
  const commits = await ask(place, { ...asked, kinds: ["commit"], passagesPerDocument: 1 });
  const { validation, test } = firstAndSecondHalf(queries);
  return {
    ...{ name, lists, split, passages, commits },
    files: files.size,
    leftOut: queries.leftOut,
    validation: validation.judgements,
    test: test.judgements,
    touched: touchedFiles(documents, files),
  };
}

/** A document that was read. */
interface KnownDocument extends SourceDocument {
  readonly known: ReadDocument;
}

async function readTree(
  engine: EmbeddingEngine,
  root: string,
  at: string,
  { tokens, ...form }: Form,
): Promise<KnownDocument[]> {
  const measure = await measureByTokens(engine, tokens);
  const documents: KnownDocument[] = [];
  for await (const document of collectDocuments({ root, recipe: RECIPE, at, measure, ...form })) {
    const known = await document.read();
    const { kind, source, fingerprint } = document;
    documents.push({ kind, source, fingerprint, known, read: async () => known });
  }
  return documents;
}

function isFile({ kind, known }: KnownDocument): boolean {
  return kind !== "commit" && known.passages.length > 0;
}

function touchedFiles(
  documents: readonly KnownDocument[],
  files: ReadonlySet<string>,
): Map<string, readonly string[]> {
  const commits = documents.filter(({ kind, known }) => kind === "commit" && marksIn(known).length === 0);
  return new Map(
    commits.map(({ source, known }) => [source, known.touched.filter((path) => files.has(path))]),
  );
}

/** What marks each commit of the whole history. */
async function marksOf(root: string, head: string): Promise<Map<string, readonly CommitMark[]>> {
  const marks = new Map<string, readonly CommitMark[]>();
  for await (const document of collectDocuments({ root, recipe: RECIPE, at: head })) {
    if (document.kind === "commit") marks.set(document.source, marksIn(await document.read()));
  }
  return marks;
}

function marksIn({ passages: [first] }: ReadDocument): readonly CommitMark[] {
  return first?.marks ?? [];
}
