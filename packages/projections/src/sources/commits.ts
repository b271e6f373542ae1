import { decodeText } from "./decode.ts";
import type { Git } from "./git.ts";
import { nulFields } from "./records.ts";

/** One commit as `git log` tells it. */
export interface Commit {
  readonly hash: string;
  /** Unix seconds, of the committer. */
  readonly time: number;
  readonly message: string;
  /** False when the message or a path was no UTF-8. */
  readonly valid: boolean;
  /** True when the message was longer than {@link MAX_MESSAGE_BYTES}; it is then empty. */
  readonly oversized: boolean;
  /** The first {@link MAX_TOUCHED} paths that the commit touched. */
  readonly touched: readonly string[];
  readonly touchedCount: number;
}

/** A message is a text that someone wrote; git itself takes any size. */
export const MAX_MESSAGE_BYTES: number = 256 * 1024;

/** Paths of one commit that are kept; the rest is counted. An import may touch a hundred thousand. */
export const MAX_TOUCHED = 20;

const STATUS = /^\n?[ACDMRTUXB]\d*$/;

/** How many commits {@link commitsOf} will give; 0 in a repository without any. */
export async function countCommits(git: Git, since: number | null): Promise<number> {
  if (!(await hasCommits(git))) return 0;
  const count = await git.text([
    "rev-list",
    "--count",
    ...sinceOption(since),
    "HEAD",
    ...(await scopeOf(git)),
  ]);
  return Number.parseInt(count, 10);
}

/**
 * The commits that HEAD can reach, newest first, as git writes them: one in memory at a time. In a directory
 * below the repository's root, those that touched it, with paths relative to it.
 */
export async function* commitsOf(git: Git, since: number | null): AsyncGenerator<Commit, void> {
  if (!(await hasCommits(git))) return;
  const stream = git.stream([
    "log",
    "-z",
    "--no-renames",
    "--name-status",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-notes",
    "--no-color",
    "--relative",
    "--encoding=UTF-8",
    "--format=tformat:%H%x00%ct%x00%B%x00",
    ...sinceOption(since),
    "HEAD",
    ...(await scopeOf(git)),
  ]);
  const fields = nulFields(stream, MAX_MESSAGE_BYTES);
  let current: { commit: Omit<Commit, "touched" | "touchedCount" | "valid">; valid: boolean } | undefined;
  let touched: string[] = [];
  let touchedCount = 0;
  const finished = (): Commit[] =>
    current === undefined ? [] : [{ ...current.commit, valid: current.valid, touched, touchedCount }];

  for (let field = await fields.next(); !field.done; field = await fields.next()) {
    const head = field.value.bytes.toString("latin1");
    if (head === "" && !field.value.oversized) continue;
    if (STATUS.test(head) && current !== undefined) {
      const path = await fields.next();
      touchedCount++;
      if (path.done || touched.length >= MAX_TOUCHED) continue;
      const decoded = decodeText(path.value.bytes);
      touched.push(decoded.text);
      current.valid &&= decoded.valid;
      continue;
    }
    yield* finished();
    const time = await fields.next();
    const message = await fields.next();
    if (time.done || message.done) return;
    const { text, valid } = decodeText(message.value.bytes);
    const { oversized } = message.value;
    const seconds = Number.parseInt(time.value.bytes.toString("latin1"), 10);
    current = { commit: { hash: head.trim(), time: seconds, message: text, oversized }, valid };
    touched = [];
    touchedCount = 0;
  }
  yield* finished();
}

async function hasCommits(git: Git): Promise<boolean> {
  // Answers "missing", and succeeds, where HEAD names a branch that is yet to be born.
  const head = await git.text(["cat-file", "--batch-check"], "HEAD\n");
  return /^[0-9a-f]+ commit /.test(head);
}

function sinceOption(since: number | null): string[] {
  return since === null ? [] : [`--since=@${since}`];
}

/** Nothing at the repository's root: a pathspec there would drop the commits that touch no file. */
async function scopeOf(git: Git): Promise<string[]> {
  const prefix = await git.text(["rev-parse", "--show-prefix"]);
  return prefix.trim() === "" ? ["--"] : ["--", "."];
}
