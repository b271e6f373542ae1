import type { AddProgress } from "@patina/registry";
import { bytes, duration } from "../terminal/numbers.ts";
import { type ProgressLine, Rate } from "../terminal/progress.ts";
import { visibleLine } from "../terminal/visible.ts";

/** Tells how far the fetching of a model has come. */
export class AddProgressLine {
  readonly #line: ProgressLine;
  #rate = new Rate();
  #file: string | null = null;

  constructor(line: ProgressLine) {
    this.#line = line;
  }

  /** Shows the state of an event. */
  show({ phase, key, file, bytes: done, total, retry }: AddProgress): void {
    if (phase === "waiting")
      this.#line.update(phase, `waiting: another process is adding ${visibleLine(key)}`);
    // A source may be asked and download for a while before the first byte of the file itself is there.
    if (phase === "checking" && file !== null)
      this.#line.update(`checking ${file}`, `preparing ${visibleLine(file)}`);
    if (retry !== null && file !== null) {
      const again = `fetching ${visibleLine(file)} again in ${duration(retry.delayMs / 1000)}`;
      this.#line.update(`retrying ${file}`, `${again}: ${visibleLine(retry.reason)}`);
    }
    if (phase !== "fetching" || file === null || done === null) return;
    if (file !== this.#file) {
      this.#file = file;
      this.#rate = new Rate();
    }
    const rate = this.#rate.note(done);
    const parts = [total === null ? bytes(done) : `${bytes(done)} of ${bytes(total)}`];
    if (rate) parts.push(`${bytes(Math.round(rate))}/s`);
    if (rate && total !== null && total > done) parts.push(`${duration((total - done) / rate)} left`);
    const fraction = total === null ? undefined : done / Math.max(1, total);
    this.#line.update(`fetching ${file}`, `fetching ${visibleLine(file)}: ${parts.join(", ")}`, fraction);
  }
}
