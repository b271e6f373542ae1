/** A repository's history as a labelled set: what a later commit says, and the files it touched. Pure logic. */
import type { LabelledQueries } from "./sets.ts";

/** A commit as `git log` tells it. */
export interface LoggedCommit {
  readonly hash: string;
  readonly parents: number;
  /** Name and address of author and committer, in one line. */
  readonly people: string;
  readonly message: string;
  /** What it did to which path; a rename names both. */
  readonly changes: readonly { readonly status: string; readonly path: string; readonly from?: string }[];
}

/** Why a commit is no query. */
export type LeftOut = "merge" | "bot" | "mass rename" | "no words" | "no answer";

/** Queries and answers, with what was left out. */
export interface HistoryQueries extends LabelledQueries {
  readonly leftOut: Readonly<Record<LeftOut, number>>;
}

/** Files a commit has to touch, and the share of them that only moved, to be a mass rename. */
const MASS_RENAME = { files: 10, share: 0.8 };

const BOT = /\[bot\]|dependabot|renovate|github-actions|greenkeeper/i;

/** `Key: value`, as `git interpret-trailers` knows it, and what tools for other systems append. */
const TRAILER = /^(?:[A-Za-z][A-Za-z0-9-]*: \S|\(cherry picked from commit |git-svn-id: )/;

/**
 * Queries from commits that came after a split: subject and body without trailers, answered by the files that it touched
 * and that could be found at the split. Merges, bots and mass renames say little about the files they touch.
 *
 * @param commits those after the split, oldest first
 * @param findable paths that the index of the split holds
 */
export function historyQueries(
  commits: readonly LoggedCommit[],
  findable: ReadonlySet<string>,
): HistoryQueries {
  const texts = new Map<string, string>();
  const judgements = new Map<string, Map<string, number>>();
  const leftOut: Record<LeftOut, number> = { merge: 0, bot: 0, "mass rename": 0, "no words": 0, "no answer": 0 };
  for (const commit of commits) {
    const text = withoutTrailers(commit.message);
    const answers = commit.changes.map(({ path, from }) => from ?? path).filter((path) => findable.has(path));
    const reason = reasonAgainst(commit, text, answers.length);
    if (reason !== null) {
      leftOut[reason]++;
      continue;
    }
    texts.set(commit.hash, text);
    judgements.set(commit.hash, new Map(answers.map((path) => [path, 1])));
  }
  return { texts, judgements, leftOut };
}

function reasonAgainst(commit: LoggedCommit, text: string, answers: number): LeftOut | null {
  if (commit.parents > 1) return "merge";
  if (BOT.test(commit.people)) return "bot";
  if (isMassRename(commit)) return "mass rename";
  if (!/[\p{L}\p{N}]/u.test(text)) return "no words";
  return answers === 0 ? "no answer" : null;
}

/** Most of many files moved and nothing else. */
export function isMassRename({ changes }: Pick<LoggedCommit, "changes">): boolean {
  const moved = changes.filter(({ status }) => status === "R100").length;
  return changes.length >= MASS_RENAME.files && moved >= changes.length * MASS_RENAME.share;
}

/** A message without its last paragraph where that is nothing but trailers. */
export function withoutTrailers(message: string): string {
  const paragraphs = message.trim().split(/\n{2,}/);
  const last = paragraphs.at(-1)?.split("\n") ?? [];
  const hasTrailers = paragraphs.length > 1 && last.every((line) => TRAILER.test(line) || /^\s/.test(line));
  return (hasTrailers ? paragraphs.slice(0, -1) : paragraphs).join("\n\n").trim();
}

/** The first and the second half of the queries, in the order of their commits: weights are chosen on the earlier. */
export function firstAndSecondHalf({ texts, judgements }: LabelledQueries): {
  validation: LabelledQueries;
  test: LabelledQueries;
} {
  const ids = [...texts.keys()];
  const middle = Math.ceil(ids.length / 2);
  const part = (some: readonly string[]): LabelledQueries => ({
    texts: new Map(some.map((id) => [id, texts.get(id) as string])),
    judgements: new Map(some.map((id) => [id, judgements.get(id) as ReadonlyMap<string, number>])),
  });
  return { validation: part(ids.slice(0, middle)), test: part(ids.slice(middle)) };
}
