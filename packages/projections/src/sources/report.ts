import { type PassageKind, SKIP_REASONS, type SkipReason, type SourceReport } from "./passage.ts";

/** Counts while a repository is read. */
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

  get passages(): number {
    return this.#passages;
  }

  skip(reason: SkipReason): void {
    this.#skipped[reason]++;
  }

  unreadable(path: string, reason: string): void {
    this.#unreadable.push({ path, reason });
  }

  source(kind: PassageKind, redactions: number, valid: boolean): void {
    this.#sources[kind]++;
    this.#redactions += redactions;
    if (!valid) this.#invalidUtf8++;
  }

  passage(): void {
    this.#passages++;
  }

  /** The counts as they are now; what comes later does not change them. */
  build(): SourceReport {
    return {
      files: this.#sources.code,
      commits: this.#sources.commit,
      notes: this.#sources.note,
      passages: this.#passages,
      skipped: { ...this.#skipped },
      redactions: this.#redactions,
      invalidUtf8: this.#invalidUtf8,
      unreadable: [...this.#unreadable],
    };
  }
}
