/** How far an indexing run has come. */
export interface OxidizeProgress {
  /** `collecting` counts passages, `embedding` distinct texts that had no vector, `indexing` rows written. */
  readonly phase: "collecting" | "embedding" | "indexing";
  readonly done: number;
  /** Null while nobody knows (collecting). */
  readonly total: number | null;
  /** Tokens the model has seen in this run. */
  readonly tokens: number;
  /** Distinct texts whose vector was in the cache. */
  readonly cached: number;
  /** `done` per second since the phase began; null in its first moments. */
  readonly rate: number | null;
  /** What is left of this phase at that pace, in seconds; null where `total` or the pace is unknown. */
  readonly secondsLeft: number | null;
}

/** Where progress goes. */
export type OnProgress = (progress: OxidizeProgress) => void;

/** Seconds after which a rate says something. */
const SETTLED = 0.25;

/** Keeps the counts of a run and tells them with rate and time left. */
export class ProgressMeter {
  readonly #onProgress: OnProgress | undefined;
  #phase: OxidizeProgress["phase"] = "collecting";
  #total: number | null = null;
  #started: number = performance.now();
  /** Set by the run; carried by every event after that. */
  tokens = 0;
  /** Set by the run; carried by every event after that. */
  cached = 0;

  constructor(onProgress: OnProgress | undefined) {
    this.#onProgress = onProgress;
  }

  /** Begins a phase and says so. */
  begin(phase: OxidizeProgress["phase"], total: number | null): void {
    this.#phase = phase;
    this.#total = total;
    this.#started = performance.now();
    this.at(0);
  }

  /** Tells how far the phase is; `share` (0 to 1) is the part of the work, where counting pieces misjudges it. */
  at(
    done: number,
    share: number | null = this.#total === null ? null : done / Math.max(1, this.#total),
  ): void {
    if (this.#onProgress === undefined) return;
    const seconds = (performance.now() - this.#started) / 1_000;
    const settled = seconds >= SETTLED;
    this.#onProgress({
      phase: this.#phase,
      done,
      total: this.#total,
      tokens: this.tokens,
      cached: this.cached,
      rate: settled ? done / seconds : null,
      secondsLeft: settled && share !== null && share > 0 ? (seconds / share) * (1 - share) : null,
    });
  }
}
