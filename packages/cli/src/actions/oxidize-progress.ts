import type { OxidizeProgress } from "@patina/projections";
import { count, counted, duration } from "../terminal/numbers.ts";
import type { ProgressLine } from "../terminal/progress.ts";

/** Tells how far an indexing run has come. */
export class OxidizeProgressLine {
  readonly #line: ProgressLine;
  readonly #now: () => number;
  #embeddingSince = 0;
  #tokens = 0;
  #tokenRate: number | undefined;

  constructor(line: ProgressLine, now: () => number = () => performance.now()) {
    this.#line = line;
    this.#now = now;
  }

  /** Shows the state of an event. */
  show({ phase, done, total, tokens, cached, rate, secondsLeft }: OxidizeProgress): void {
    const fraction = total === null ? undefined : done / Math.max(1, total);
    if (phase === "collecting") {
      this.#line.update(phase, `collecting: ${counted(done, "passage")}`, fraction);
      return;
    }
    const parts = [`${phase}: ${count(done)}${total === null ? "" : ` of ${count(total)}`}`];
    if (fraction !== undefined) parts.push(`${Math.floor(fraction * 100)} %`);
    if (phase === "embedding") {
      this.#noteTokens(done, tokens);
      if (rate) parts.push(`${count(rate)} texts/s`);
      if (this.#tokenRate) parts.push(`${count(this.#tokenRate)} tokens/s`);
      if (cached > 0) parts.push(`${count(cached)} from the cache`);
    }
    if (secondsLeft !== null && secondsLeft > 0) parts.push(`${duration(secondsLeft)} left`);
    this.#line.update(phase, parts.join(", "), fraction);
  }

  /** Tokens are known once a group of texts is done, so their rate stands until the next group is. */
  #noteTokens(done: number, tokens: number): void {
    if (done === 0) this.#embeddingSince = this.#now();
    if (tokens === this.#tokens) return;
    this.#tokens = tokens;
    this.#tokenRate = (tokens / Math.max(1, this.#now() - this.#embeddingSince)) * 1000;
  }
}
