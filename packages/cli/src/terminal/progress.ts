import { fit } from "./layout.ts";
import { count, duration } from "./numbers.ts";
import { type MaybeTerminal, widthOf } from "./style.ts";

/** Where a progress line goes. */
export interface ProgressStream extends MaybeTerminal {
  write(text: string): unknown;
}

/** Milliseconds between two states of the line on a terminal: fast enough to look alive, too slow to cost. */
const REDRAW = 100;
/** Elsewhere a line is printed for each tenth of the work, but no more often than this (in milliseconds). */
const PLAIN_STEPS = 10;
const PLAIN_LEAST_PAUSE = 1_000;
/** Elsewhere, when nobody knows how much work there is. */
const PLAIN_PAUSE = 10_000;

/**
 * One line that says how far a job has come: redrawn in place on a terminal; elsewhere a plain line now and then,
 * without a carriage return or an escape code.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawnStep = 0;
  #stage = "";
  #onScreen = false;
  #ended = false;

  constructor(stream: ProgressStream = process.stderr, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** Shows `text`; `stage` names what is being done, `fraction` (0 to 1) how much of it, where that is known. */
  update(stage: string, text: string, fraction?: number): void {
    if (this.#ended) return;
    const now = this.#now();
    const terminal = this.#stream.isTTY === true;
    const begins = stage !== this.#stage;
    if (begins) {
      this.#stage = stage;
      this.#drawnStep = 0;
    }
    if (!begins && !this.#isDue(terminal, now, fraction)) return;
    this.#drawnAt = now;
    this.#drawnStep = stepOf(fraction ?? 0);
    if (terminal) {
      // Erasing to the end of the line takes away what is left of a longer state.
      this.#stream.write(`\r${fit(text, widthOf(this.#stream) - 1)}\u001b[K`);
      this.#onScreen = true;
    } else {
      this.#stream.write(`${text}\n`);
    }
  }

  #isDue(terminal: boolean, now: number, fraction: number | undefined): boolean {
    if (terminal) return now - this.#drawnAt >= REDRAW;
    if (fraction === undefined) return now - this.#drawnAt >= PLAIN_PAUSE;
    return stepOf(fraction) > this.#drawnStep && now - this.#drawnAt >= PLAIN_LEAST_PAUSE;
  }

  /** Takes the line off the terminal, so that something else can be printed there. */
  clear(): void {
    if (this.#onScreen) this.#stream.write("\r\u001b[K");
    this.#onScreen = false;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** Clears the line for good: a job that was aborted may report once more from another thread. */
  end(): void {
    this.clear();
    this.#ended = true;
  }
}

function stepOf(fraction: number): number {
  return Math.floor(fraction * PLAIN_STEPS);
}

/** Speed over the last seconds, so that an estimate follows the work as it is now and not as it began. */
export class Rate {
  readonly #samples: { at: number; done: number }[] = [];
  readonly #window: number;
  readonly #now: () => number;

  constructor(windowSeconds = 10, now: () => number = () => performance.now()) {
    this.#window = windowSeconds * 1000;
    this.#now = now;
  }

  /** Notes how much is done by now and returns the speed in things a second; `undefined` as long as it is unknown. */
  note(done: number): number | undefined {
    const at = this.#now();
    const samples = this.#samples;
    samples.push({ at, done });
    // The newest sample that is older than the window stays: it is where the window begins.
    while ((samples[1]?.at ?? at) < at - this.#window) samples.shift();
    const first = samples[0];
    if (!first || at - first.at < 200) return undefined;
    return ((done - first.done) / (at - first.at)) * 1000;
  }
}

/** `312 texts/s, 4 min 10 s left`, or nothing while the speed is unknown. */
export function speed(rate: number | undefined, noun: string, left?: number): string {
  if (!rate) return "";
  const eta = left === undefined || left <= 0 ? "" : `, ${duration(left / rate)} left`;
  return `${count(rate)} ${noun}/s${eta}`;
}
