import type { OxidizeProgress } from "@patina/projections";
import { count, counted, duration } from "../terminal/numbers.ts";
import { type ProgressLine, Rate } from "../terminal/progress.ts";

/** Tells how far an indexing run has come. */
export class OxidizeProgressLine {
  readonly #line: ProgressLine;
  readonly #tokenRate = new Rate();

  constructor(line: ProgressLine) {
    this.#line = line;
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
      const tokenRate = this.#tokenRate.note(tokens);
      if (rate) parts.push(`${count(rate)} texts/s`);
      if (tokenRate) parts.push(`${count(tokenRate)} tokens/s`);
      if (cached > 0) parts.push(`${count(cached)} from the cache`);
    }
    if (secondsLeft !== null && secondsLeft > 0) parts.push(`${duration(secondsLeft)} left`);
    this.#line.update(phase, parts.join(", "), fraction);
  }
}
