/** Measures stages that follow each other. */
export class Stopwatch {
  readonly #laps: Record<string, number> = {};
  #last: number = performance.now();

  /** Ends a stage: what went by since the last one, in milliseconds. */
  lap(stage: string): void {
    const now = performance.now();
    this.#laps[stage] = now - this.#last;
    this.#last = now;
  }

  /** Milliseconds by stage, in the order in which they ended. */
  get laps(): Readonly<Record<string, number>> {
    return this.#laps;
  }
}
