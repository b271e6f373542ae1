import type { Recipe } from "../recipe/recipe.ts";

/** Where a passage comes from. */
export type PassageKind = "code" | "commit" | "note" | "pair";

/** Every kind of passage. */
export const PASSAGE_KINDS: readonly PassageKind[] = ["code", "commit", "note", "pair"];

/** What makes a commit say little about the files it touched. */
export type CommitMark = "merge" | "bot" | "mass-rename";

/** Every mark of a commit. */
export const COMMIT_MARKS: readonly CommitMark[] = ["merge", "bot", "mass-rename"];

/** A piece of text that is embedded and found as one. */
export interface Passage {
  /** SHA-256 (hex) over kind, path or commit, ordinal within it, and text. */
  readonly id: string;
  readonly kind: PassageKind;
  /** Path in the repository with `/`; null for a commit. */
  readonly path: string | null;
  /** First line, from 1; null for a commit. */
  readonly startLine: number | null;
  /** Last line, inclusive; null for a commit. */
  readonly endLine: number | null;
  /** Full hash of the commit; null for everything else. */
  readonly commit: string | null;
  /** Name of a commit's author; null where there is none. */
  readonly author: string | null;
  /** Unix seconds: a commit's time, the date in a note's front matter; null where there is none. */
  readonly time: number | null;
  /** The definitions it is in or holds, outermost first, as `SearchIndex.search`; null where there is none. */
  readonly symbol: string | null;
  /** Empty for everything but commits. */
  readonly marks: readonly CommitMark[];
  /** What a person sees first: the path, the path with its headings, or the commit's subject. */
  readonly title: string;
  /** What is embedded and searched, its title line included. Secrets are redacted; control characters are kept. */
  readonly text: string;
}

/** Every reason for which a tracked file is left out. */
export const SKIP_REASONS = [
  "excluded",
  "ignored",
  "generated",
  "symlink",
  "submodule",
  "lfs-pointer",
  "lockfile",
  "minified",
  "binary",
  "oversized",
  "empty",
  "secret",
  "missing",
] as const;

/** Why a tracked file was left out. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** A file that git tracks and that could not be read. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
}

/** What became of a repository: everything that was taken and everything that was not. */
export interface SourceReport {
  /** Code files that gave passages. */
  readonly files: number;
  /** Commits that gave passages. */
  readonly commits: number;
  /** Notes that gave passages. */
  readonly notes: number;
  readonly passages: number;
  /** Tracked files that were left out, by reason; every reason is present. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Secrets replaced by `[redacted:kind]`. */
  readonly redactions: number;
  /** Files and commits whose text was not valid UTF-8; the bad bytes are U+FFFD. */
  readonly invalidUtf8: number;
  readonly unreadable: readonly UnreadableFile[];
}

/** How far {@link PassageStream} has come. */
export interface CollectProgress {
  readonly stage: "files" | "commits";
  /** Files looked at, or commits read. */
  readonly done: number;
  /** All there are in this stage; null while git has not said. */
  readonly total: number | null;
  /** Passages given so far, over both stages. */
  readonly passages: number;
}

/** Options of `collectPassages`. */
export interface CollectOptions {
  /** A directory of the repository's working tree; what git tracks in it is read, paths are relative to it. */
  readonly root: string;
  readonly recipe: Recipe;
  /** Characters a passage's body may have; default 1,000. `passageBudget` gives what a model can read. */
  readonly budget?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CollectProgress) => void;
}

/** Passages as they are read, one file or commit in memory at a time. It can be iterated once. */
export interface PassageStream extends AsyncIterable<Passage> {
  /** What became of the repository so far; final once the iteration has ended. */
  report(): SourceReport;
}
