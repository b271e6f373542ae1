import type { RepositoryFacts } from "./document.ts";

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
  /** SHA-256 (hex) over kind, document, ordinal within it, and text. */
  readonly id: string;
  readonly kind: PassageKind;
  /** Path in the repository with `/`: of the file, or of what a pair is about; null for a commit. */
  readonly path: string | null;
  /** First line, from 1; null for a commit, and for a pair about another file. */
  readonly startLine: number | null;
  /** Last line, inclusive; null where there is no first. */
  readonly endLine: number | null;
  /** Full hash of the commit; null for everything else. */
  readonly commit: string | null;
  /** Name of a commit's author, or of the one in a note's front matter; null where there is none. */
  readonly author: string | null;
  /** Unix seconds: a commit's time, the date in a note's front matter or of a pair; null where there is none. */
  readonly time: number | null;
  /** The definitions it is in or holds, outermost first, as `SearchIndex.search`; null where there is none. */
  readonly symbol: string | null;
  /** Empty for everything but commits. */
  readonly marks: readonly CommitMark[];
  /** What a person sees first: the path, the path with its headings, the commit's subject, or the question. */
  readonly title: string;
  /** UTF-16 units of `text` that stand before its body: path and headings, subject or question. */
  readonly bodyStart: number;
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
export interface SourceReport extends RepositoryFacts {
  /** Code files that gave passages. */
  readonly files: number;
  /** Commits that gave passages. */
  readonly commits: number;
  /** Notes that gave passages. */
  readonly notes: number;
  /** Lines of files of pairs that gave passages. */
  readonly pairs: number;
  readonly passages: number;
  /** Tracked files that were left out, by reason; every reason is present. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Secrets replaced by `[redacted:kind]`. */
  readonly redactions: number;
  /** Files and commits whose text was not valid UTF-8; the bad bytes are U+FFFD. */
  readonly invalidUtf8: number;
  readonly unreadable: readonly UnreadableFile[];
}
