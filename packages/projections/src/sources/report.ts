import type { DocumentOutcome, RepositoryFacts } from "./document.ts";
import { type PassageKind, SKIP_REASONS, type SkipReason, type SourceReport } from "./passage.ts";

/** Counts what became of documents, those included whose outcome is remembered from an earlier run. */
export class ReportBuilder {
  readonly #sources: Record<PassageKind, number> = { code: 0, commit: 0, note: 0, pair: 0 };
  readonly #skipped: Record<SkipReason, number>;
  readonly #unreadable: { path: string; reason: string }[] = [];
  #passages = 0;
  #redactions = 0;
  #invalidUtf8 = 0;

  constructor() {
    const none = SKIP_REASONS.map((reason) => [reason, 0] as const);
    this.#skipped = Object.fromEntries(none) as Record<SkipReason, number>;
  }

  /** Adds a document and the number of its passages. */
  add(
    document: { readonly kind: PassageKind; readonly source: string },
    outcome: DocumentOutcome,
    passages: number,
  ): void {
    this.#passages += passages;
    if (outcome.kind === "skipped") {
      this.#skipped[outcome.reason]++;
    } else if (outcome.kind === "unreadable") {
      this.#unreadable.push({ path: document.source, reason: outcome.reason });
    } else {
      this.#sources[document.kind]++;
      this.#redactions += outcome.redactions;
      if (!outcome.validUtf8) this.#invalidUtf8++;
    }
  }

  /** The counts as they are now; what comes later does not change them. */
  build(facts: RepositoryFacts): SourceReport {
    return {
      ...facts,
      files: this.#sources.code,
      commits: this.#sources.commit,
      notes: this.#sources.note,
      pairs: this.#sources.pair,
      passages: this.#passages,
      skipped: { ...this.#skipped },
      redactions: this.#redactions,
      invalidUtf8: this.#invalidUtf8,
      unreadable: [...this.#unreadable],
    };
  }
}
