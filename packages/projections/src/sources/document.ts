import type { Passage, PassageKind, SkipReason } from "./passage.ts";

/** What became of a document that was read. */
export type DocumentOutcome =
  | { readonly kind: "taken"; readonly redactions: number; readonly validUtf8: boolean }
  | { readonly kind: "skipped"; readonly reason: SkipReason }
  | { readonly kind: "unreadable"; readonly reason: string };

/** A document as read. */
export interface ReadDocument {
  readonly outcome: DocumentOutcome;
  /** In their order within the document; empty unless it was taken. */
  readonly passages: readonly Passage[];
  /** Paths that a commit touched, at most the first few; empty for everything else. */
  readonly touched: readonly string[];
}

/**
 * A file, a commit or a file of pairs: what is indexed, replaced and removed as a whole. It is read only where its
 * fingerprint says that it has changed since the last run.
 */
export interface SourceDocument {
  readonly kind: PassageKind;
  /** Path in the repository, or the commit's full hash: unique among all documents of a run. */
  readonly source: string;
  /**
   * Equal fingerprints of the same source give the same passages: it covers the content (git's blob id, or the digest of a
   * file that differs from it) and how passages are made of it.
   */
  readonly fingerprint: string;
  /** Reads it now. Throws only what ends the whole run, such as ABORTED. */
  read(): Promise<ReadDocument>;
}
