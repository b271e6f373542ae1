import { PatinaError, throwIfAborted } from "@patina/core";
import { commitPassages } from "./commit-passages.ts";
import { commitsOf, countCommits } from "./commits.ts";
import { contentOf } from "./content.ts";
import { DEFAULT_BUDGET, MIN_BUDGET } from "./cut.ts";
import { filePassages, isMarkdown } from "./file-passages.ts";
import { FileReader } from "./file-reader.ts";
import { Git } from "./git.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { skipByName } from "./names.ts";
import type {
  CollectOptions,
  CollectProgress,
  Passage,
  PassageStream,
  SkipReason,
  SourceReport,
} from "./passage.ts";
import { redactSecrets } from "./redact.ts";
import { ReportBuilder } from "./report.ts";
import { type TrackedFile, trackedFiles, withGenerated } from "./tracked.ts";

/**
 * The code, commits and notes of a repository as passages, read as they are asked for: nothing is read ahead,
 * and one file or commit is in memory at a time. Files come first, in git's order, then commits, newest first.
 * The same working tree and history give the same passages.
 *
 * What is read is what git tracks at or below `root`; what is not text, not written by a person, or secret
 * stays out and is counted in the report.
 *
 * While iterating it throws NOT_A_REPOSITORY, ABORTED, and IO where a `.patinaignore` cannot be read.
 *
 * @throws INVALID_INPUT for a budget below 100
 */
export function collectPassages(options: CollectOptions): PassageStream {
  const budget = options.budget ?? DEFAULT_BUDGET;
  if (!Number.isInteger(budget) || budget < MIN_BUDGET) {
    const message = `the budget of a passage must be a whole number of characters from ${MIN_BUDGET}, not ${budget}`;
    throw new PatinaError("INVALID_INPUT", message, { key: "budget" });
  }
  const collector = new Collector(options, budget);
  const passages = collector.passages();
  return {
    [Symbol.asyncIterator]: () => passages,
    report: () => collector.report(),
  };
}

class Collector {
  readonly #options: CollectOptions;
  readonly #budget: number;
  readonly #report = new ReportBuilder();
  readonly #isCode: (path: string) => boolean;
  readonly #isNote: (path: string) => boolean;

  constructor(options: CollectOptions, budget: number) {
    this.#options = options;
    this.#budget = budget;
    const { code, notes } = options.recipe.sources;
    const included = matcher(code.include);
    const excluded = matcher(code.exclude);
    const noted = matcher(notes.include);
    this.#isCode = (path) => included(path) && !excluded(path);
    this.#isNote = (path) => isMarkdown(path) && noted(path);
  }

  report(): SourceReport {
    return this.#report.build();
  }

  async *passages(): AsyncGenerator<Passage, void> {
    const git = await Git.open(this.#options.root, this.#options.signal);
    yield* this.#files(git);
    yield* this.#commits(git);
  }

  async *#files(git: Git): AsyncGenerator<Passage, void> {
    const reader = await FileReader.open(git.directory);
    const tracked = await trackedFiles(git);
    const rules = await IgnoreRules.read(reader, tracked);
    let done = 0;
    const progress = () => this.#progress({ stage: "files", done, total: tracked.length });
    progress();
    for await (const { files, generated } of withGenerated(git, tracked)) {
      for (const file of files) {
        throwIfAborted(this.#options.signal);
        const reason = this.#skipUnread(file, rules, generated);
        if (reason === undefined) yield* this.#file(file.path, reader);
        else this.#report.skip(reason);
        done++;
        progress();
      }
    }
  }

  /** Why a file is left out before it is opened. */
  #skipUnread(file: TrackedFile, rules: IgnoreRules, generated: ReadonlySet<string>): SkipReason | undefined {
    if (file.kind !== "file") return file.kind;
    if (!this.#isNote(file.path) && !this.#isCode(file.path)) return "excluded";
    if (rules.ignores(file.path)) return "ignored";
    return skipByName(file.path) ?? (generated.has(file.path) ? "generated" : undefined);
  }

  async *#file(path: string, reader: FileReader): AsyncGenerator<Passage, void> {
    const read = await reader.read(path);
    if (read.kind === "unreadable") return this.#report.unreadable(path, read.reason);
    if (read.kind === "skipped") return this.#report.skip(read.reason);
    const content = contentOf(read.bytes);
    if (content.kind === "skipped") return this.#report.skip(content.reason);
    const { text, count } = redactSecrets(content.decoded.text);
    const name = redactSecrets(path);
    const kind = this.#isNote(path) ? "note" : "code";
    this.#report.source(kind, count + name.count, content.decoded.valid);
    yield* this.#give(filePassages({ kind, path, shownPath: name.text, text }, this.#budget));
  }

  async *#commits(git: Git): AsyncGenerator<Passage, void> {
    const { since } = this.#options.recipe.sources.commits;
    const total = await countCommits(git, since);
    let done = 0;
    const progress = () => this.#progress({ stage: "commits", done, total });
    progress();
    for await (const commit of commitsOf(git, since)) {
      throwIfAborted(this.#options.signal);
      if (commit.oversized) {
        this.#report.skip("oversized");
      } else {
        const { passages, redactions } = commitPassages(commit, this.#budget);
        this.#report.source("commit", redactions, commit.valid);
        yield* this.#give(passages);
      }
      done++;
      progress();
    }
  }

  *#give(passages: readonly Passage[]): Generator<Passage, void> {
    for (const passage of passages) {
      this.#report.passage();
      yield passage;
    }
  }

  #progress(progress: Omit<CollectProgress, "passages">): void {
    this.#options.onProgress?.({ ...progress, passages: this.#report.passages });
  }
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs.map((glob) => new Bun.Glob(glob));
  return (path) => compiled.some((glob) => glob.match(path));
}
