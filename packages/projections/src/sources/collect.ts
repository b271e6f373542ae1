import { PatinaError, throwIfAborted } from "@patina/core";
import { commitPassages } from "./commit-passages.ts";
import { CommitTree, resolveCommit } from "./commit-tree.ts";
import { CommitReader, type ListedCommit, listCommits, mailmapDigest } from "./commits.ts";
import type { Cutting } from "./cut-text.ts";
import type {
  CollectOptions,
  CollectProgress,
  DocumentStream,
  ReadDocument,
  RepositoryFacts,
  SourceDocument,
} from "./document.ts";
import { fileDocuments } from "./file-documents.ts";
import { isMarkdown } from "./file-passages.ts";
import { Git } from "./git.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { type Measure, MIN_LIMIT, measureByCharacters } from "./measure.ts";
import { pairDocuments } from "./pair-documents.ts";
import { DEFAULT_FORM, type PassageForm } from "./passage-text.ts";
import type { Tree } from "./tracked.ts";
import { WorkingTree } from "./working-tree.ts";

/**
 * A part of every fingerprint: raised when the same content gives other passages, by what is done here or in the native
 * core, so that all is read again.
 */
const CUTTING_VERSION = 2;

/**
 * The code, notes, pairs and commits of a repository as documents, which are read when asked: nothing is read ahead, and one
 * file or commit is in memory at a time. Files come first, in git's order, then pairs, then commits, newest first. The same tree and
 * history give the same documents and passages.
 *
 * What is read is what git tracks at or below `root`; what is not text, not written by a person, or secret is a document
 * without passages, counted in the report.
 *
 * While iterating it throws NOT_A_REPOSITORY, ABORTED, INVALID_INPUT where `at` names no commit or a file of pairs
 * has a line that is none, and IO where a `.patinaignore` or a file of pairs cannot be read.
 *
 * @throws INVALID_INPUT for a measure whose limit leaves no room
 */
export function collectDocuments(options: CollectOptions): DocumentStream {
  const measure = options.measure ?? measureByCharacters();
  if (!Number.isInteger(measure.limit) || measure.limit < MIN_LIMIT) {
    const message = `the limit of a passage must be a whole number from ${MIN_LIMIT}, not ${measure.limit}`;
    throw new PatinaError("INVALID_INPUT", message, { key: "measure" });
  }
  const collector = new Collector(options, measure);
  const documents = collector.documents();
  return {
    [Symbol.asyncIterator]: () => documents,
    facts: () => collector.facts,
    cutting: collector.cutting,
  };
}

class Collector {
  facts: RepositoryFacts = { at: null, shallow: false };
  readonly #options: CollectOptions;
  readonly #how: Cutting;
  readonly #form: PassageForm;
  readonly cutting: string;

  constructor(options: CollectOptions, measure: Measure) {
    this.#options = options;
    this.#how = { measure, merge: options.merge ?? true };
    this.#form = options.form ?? DEFAULT_FORM;
    this.cutting = `${CUTTING_VERSION} ${measure.id} ${this.#form} ${this.#how.merge ? "merged" : "apart"}`;
  }

  async *documents(): AsyncGenerator<SourceDocument, void> {
    const git = await Git.open(this.#options.root, this.#options.signal);
    const at = await this.#commit(git);
    this.facts = { at, shallow: git.shallow };
    // A repository without a working tree and without a commit has nothing to read.
    if (at === null && git.bare) return;
    yield* this.#files(git, at);
    yield* this.#commits(git, at ?? (await headOf(git)));
  }

  /** The commit whose tree is read; null for the working tree. */
  async #commit(git: Git): Promise<string | null> {
    const { at } = this.#options;
    if (at !== undefined) return resolveCommit(git, at);
    return git.bare ? headOf(git) : null;
  }

  async *#files(git: Git, at: string | null): AsyncGenerator<SourceDocument, void> {
    const tree: Tree = at === null ? await WorkingTree.open(git) : new CommitTree(git, at);
    try {
      const tracked = await tree.files();
      const ignored = await IgnoreRules.read(tree, tracked);
      const { code, notes, pairs } = this.#options.recipe.sources;
      const included = matcher(code.include);
      const excluded = matcher(code.exclude);
      const noted = matcher(notes.include);
      const rules = {
        isCode: (path: string) => included(path) && !excluded(path),
        isNote: (path: string) => isMarkdown(path) && noted(path),
        ignored,
        how: this.#how,
        form: this.#form,
        cutting: this.cutting,
      };
      const paired = new Set(pairs.files);
      const files = tracked.filter(({ path }) => !paired.has(path));
      yield* this.#counted("files", files.length, fileDocuments(git, tree, files, rules));
      const lines = await pairDocuments(tree, pairs.files, this.cutting, this.#how);
      if (lines.length > 0) yield* this.#counted("pairs", lines.length, lines);
    } finally {
      tree.end();
    }
  }

  async *#commits(git: Git, tip: string | null): AsyncGenerator<SourceDocument, void> {
    const { since } = this.#options.recipe.sources.commits;
    const commits = tip === null ? [] : await listCommits(git, tip, since);
    const fingerprintEnd = `${this.cutting} ${commits.length === 0 ? "" : await mailmapDigest(git)}`;
    const reader = new CommitReader(git);
    try {
      const documents = commits.map((commit) => this.#commitDocument(reader, commit, fingerprintEnd));
      yield* this.#counted("commits", commits.length, documents);
    } finally {
      reader.end();
    }
  }

  #commitDocument(reader: CommitReader, listed: ListedCommit, fingerprintEnd: string): SourceDocument {
    const { hash, cutOff } = listed;
    const fingerprint = `${hash}${cutOff ? " cut-off" : ""} ${fingerprintEnd}`;
    const read = async (): Promise<ReadDocument> => {
      const commit = await reader.read(listed);
      if (commit === null) {
        return { fingerprint, outcome: { kind: "skipped", reason: "oversized" }, passages: [], touched: [] };
      }
      const { passages, redactions } = await commitPassages(commit, this.#how);
      const outcome = { kind: "taken", redactions, validUtf8: commit.valid } as const;
      return { fingerprint, outcome, passages, touched: commit.touched };
    };
    return { kind: "commit", source: hash, fingerprint, read };
  }

  async *#counted(
    stage: CollectProgress["stage"],
    total: number,
    documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>,
  ): AsyncGenerator<SourceDocument, void> {
    let done = 0;
    const progress = () => this.#options.onProgress?.({ stage, done, total });
    progress();
    for await (const document of documents) {
      throwIfAborted(this.#options.signal);
      yield document;
      done++;
      progress();
    }
  }
}

/** The commit that is checked out; null where its branch is yet to be born. */
async function headOf(git: Git): Promise<string | null> {
  // Answers "missing", and succeeds, where there is none.
  const said = await git.text(["cat-file", "--batch-check"], "HEAD\n");
  return /^([0-9a-f]+) commit /.exec(said)?.[1] ?? null;
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs.map((glob) => new Bun.Glob(glob));
  return (path) => compiled.some((glob) => glob.match(path));
}
