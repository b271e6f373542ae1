import type { Recipe } from "../recipe/recipe.ts";
import type { Measure } from "./measure.ts";
import type { Passage, PassageKind, SkipReason } from "./passage.ts";
import type { PassageForm } from "./passage-text.ts";

/** What became of a document that was read. */
export type DocumentOutcome =
  | { readonly kind: "taken"; readonly redactions: number; readonly validUtf8: boolean }
  | { readonly kind: "skipped"; readonly reason: SkipReason }
  | { readonly kind: "unreadable"; readonly reason: string };

/** A document as read. */
export interface ReadDocument {
  /**
   * The fingerprint of what was read, to be remembered with it. It is another than the document's where a file changed,
   * or could not be read, after its fingerprint had been taken.
   */
  readonly fingerprint: string;
  readonly outcome: DocumentOutcome;
  /** In their order within the document; empty unless it was taken. */
  readonly passages: readonly Passage[];
  /** Paths that a commit touched, at most the first 200; empty for everything else. */
  readonly touched: readonly string[];
}

/**
 * A file, a commit or a line of a file of pairs: what is indexed, replaced and removed as a whole. It is read only where
 * its fingerprint says that it has changed since the last run. A file that is left out is a document as well, without
 * passages, so that the report can be made of all documents whether or not they were read.
 */
export interface SourceDocument {
  readonly kind: PassageKind;
  /** Path in the repository, the commit's full hash, or the path and id of a pair: unique within its kind. */
  readonly source: string;
  /**
   * Equal fingerprints of the same source and kind give the same passages: it covers the content (git's blob id, or the
   * digest of a file that differs from it) and how passages are made of it.
   */
  readonly fingerprint: string;
  /** Reads it now. Throws only what ends the whole run, such as ABORTED. */
  read(): Promise<ReadDocument>;
}

/** What is known of the repository beside its documents. */
export interface RepositoryFacts {
  /** Full hash of the commit whose tree and history were read; null for the working tree. */
  readonly at: string | null;
  /** Whether the history ends before its beginning because the repository was cloned without the rest. */
  readonly shallow: boolean;
}

/** How far a {@link DocumentStream} has come. */
export interface CollectProgress {
  readonly stage: "files" | "pairs" | "commits";
  /** Documents of this stage given so far. */
  readonly done: number;
  /** All there are in this stage; null while git has not said. */
  readonly total: number | null;
}

/** Options of `collectDocuments`. */
export interface CollectOptions {
  /** A directory of the repository; what git tracks in it is read, paths are relative to it. */
  readonly root: string;
  readonly recipe: Recipe;
  /**
   * A commit in any of git's spellings: its tree and the history behind it are read in place of the working tree.
   * Default: the working tree, and HEAD in a repository without one.
   */
  readonly at?: string | undefined;
  /** How long passages may be: `measureByTokens` asks a model. Default: characters, some thousand. */
  readonly measure?: Measure | undefined;
  /** Whether small definitions share a passage with their neighbours; else each has one of its own. Default true. */
  readonly merge?: boolean | undefined;
  /** What stands before the body of a file's passages; default `path`. */
  readonly form?: PassageForm | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
}

/**
 * Documents as they are found. It can be iterated once. A document is best read before the next one is asked for: git,
 * which gives the content, is running then; it can be read later too, which starts git for each.
 */
export interface DocumentStream extends AsyncIterable<SourceDocument> {
  /** Names how documents are cut into passages; a part of every fingerprint. */
  readonly cutting: string;
  /** What is known of the repository; complete once the first document is there or the iteration has ended. */
  facts(): RepositoryFacts;
}
