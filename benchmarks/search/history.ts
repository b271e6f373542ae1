/** A repository's history as labelled queries: what a later commit says, and the files it touched. Pure logic. */
import type { CommitMark } from "@patina/projections";
import type { LabelledQueries } from "./sets.ts";

/** A commit that may become a query. */
export interface LaterCommit {
  readonly hash: string;
  readonly message: string;
  /** Paths it changed; of a file that it moved the old one and the new one. */
  readonly paths: readonly string[];
  /** Merges, bots and mass renames say little about the files they touch. */
  readonly marks: readonly CommitMark[];
}

/** Why a commit is no query. */
export type LeftOut = CommitMark | "no words" | "no answer";

/** Queries and answers, with what was left out. */
export interface HistoryQueries extends LabelledQueries {
  readonly leftOut: Readonly<Record<LeftOut, number>>;
}

/** `Key: value`, as `git interpret-trailers` knows it, and what tools for other systems append. */
const TRAILER = /^(?:[A-Za-z][A-Za-z0-9-]*: \S|\(cherry picked from commit |git-svn-id: )/;

/**
 * Queries from commits that came after a split: subject and body without trailers, answered by the files that the commit
 * touched and that could be found at the split.
 *
 * @param commits those after the split, oldest first
 * @param findable paths that the index of the split holds
 */
export function historyQueries(
  commits: readonly LaterCommit[],
  findable: ReadonlySet<string>,
): HistoryQueries {
  const texts = new Map<string, string>();
  const judgements = new Map<string, Map<string, number>>();
  const leftOut: Record<LeftOut, number> = {
    merge: 0,
    bot: 0,
    "mass-rename": 0,
    "no words": 0,
    "no answer": 0,
  };
  for (const { hash, message, paths, marks } of commits) {
    const text = withoutTrailers(message);
    const answers = paths.filter((path) => findable.has(path));
    const wordless = /[\p{L}\p{N}]/u.test(text) ? [] : (["no words"] as const);
    const unanswered = answers.length > 0 ? [] : (["no answer"] as const);
    const [reason] = [...marks, ...wordless, ...unanswered];
    if (reason !== undefined) {
      leftOut[reason]++;
      continue;
    }
    texts.set(hash, text);
    judgements.set(hash, new Map(answers.map((path) => [path, 1])));
  }
  return { texts, judgements, leftOut };
}

/** A message without its last paragraph where that is nothing but trailers. */
export function withoutTrailers(message: string): string {
  const paragraphs = message.trim().split(/\n{2,}/);
  const last = paragraphs.at(-1)?.split("\n") ?? [];
  // A trailer that goes on in the next line is indented there.
  const trailers = last.every((line, index) => TRAILER.test(line) || (index > 0 && /^\s/.test(line)));
  return (paragraphs.length > 1 && trailers ? paragraphs.slice(0, -1) : paragraphs).join("\n\n").trim();
}

/** The first and the second half of the queries, in the order of their commits: weights are chosen on the earlier. */
export function firstAndSecondHalf({ texts, judgements }: LabelledQueries): {
  validation: LabelledQueries;
  test: LabelledQueries;
} {
  const all = [...texts];
  const middle = Math.ceil(all.length / 2);
  const part = (some: readonly (readonly [string, string])[]): LabelledQueries => ({
    texts: new Map(some),
    judgements: new Map(some.map(([id]) => [id, judgements.get(id) ?? new Map()])),
  });
  return { validation: part(all.slice(0, middle)), test: part(all.slice(middle)) };
}
