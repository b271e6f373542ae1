import type { AddProgress } from "@patina/registry";
import { bytes, counted, duration } from "../terminal/numbers.ts";
import { ProgressLine, Rate } from "../terminal/progress.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";

/** How a command tells of its progress: a line on a terminal and nothing elsewhere, or JSON lines. */
export type ProgressForm = "auto" | "json";

/** Milliseconds between two JSON lines about bytes: a program wants to draw a bar, and no more. */
const JSON_PAUSE = 100;

/** Tells how far the fetching of a model has come, on the standard error. */
export class AddProgressTeller implements Disposable {
  readonly #json: boolean;
  readonly #line = new ProgressLine();
  readonly #rate = new Rate();
  /** Bytes and size of the files that are on their way. */
  readonly #underWay = new Map<string, { bytes: number; total: number | null }>();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(form: ProgressForm = "auto") {
    this.#json = form === "json";
  }

  /** Takes an event of `Registry.add`. */
  readonly show = (event: AddProgress): void => {
    if (this.#json) this.#showJson(event);
    // A log has no use for it: what came from where is in the result.
    else if (process.stderr.isTTY) this.#showLine(event);
  };

  /** Takes the line off the terminal, so that something else can be printed there. */
  clear(): void {
    this.#line.clear();
  }

  [Symbol.dispose](): void {
    this.#line.end();
  }

  #showJson(event: AddProgress): void {
    const now = performance.now();
    if (event.phase === "fetching" && event.bytes !== event.total) {
      if (now - this.#toldAt < JSON_PAUSE) return;
      this.#toldAt = now;
    }
    process.stderr.write(`${safeJson({ progress: event })}\n`);
  }

  #showLine({ phase, key, file, bytes: done, total, retry, all }: AddProgress): void {
    const name = file === null ? visibleLine(key) : visibleLine(file);
    if (phase === "waiting") {
      const what = file === null ? "adding" : "fetching";
      this.#line.update(`waiting ${name}`, `waiting: another process is ${what} ${name}`);
    }
    // A source may be asked and download for a while before the first byte of the file itself is there.
    if (phase === "checking") this.#line.update(`checking ${name}`, `preparing ${name}`);
    if (retry !== null) {
      const again = `fetching ${name} again in ${duration(retry.delayMs / 1000)}`;
      this.#line.update(`retrying ${name}`, `${again}: ${visibleLine(retry.reason)}`);
    }
    if (phase === "here" && file !== null) this.#underWay.delete(file);
    if (phase !== "fetching" || file === null || done === null || all === null) return;
    this.#underWay.set(file, { bytes: done, total });
    const fraction = all.total === null ? undefined : all.bytes / Math.max(1, all.total);
    this.#line.update("fetching", this.#fetchingText(all), fraction);
  }

  #fetchingText({ done, files, bytes: arrived, total }: NonNullable<AddProgress["all"]>): string {
    const rate = this.#rate.note(arrived);
    const each = [...this.#underWay].map(([path, file]) => {
      const part =
        file.total === null
          ? bytes(file.bytes)
          : `${Math.floor((file.bytes / Math.max(1, file.total)) * 100)} %`;
      return `${visibleLine(path)} ${part}`;
    });
    const parts = [
      `fetching ${each.join(", ")}`,
      `${done} of ${counted(files, "file")}`,
      total === null ? bytes(arrived) : `${bytes(arrived)} of ${bytes(total)}`,
    ];
    if (rate) parts.push(`${bytes(Math.round(rate))}/s`);
    if (rate && total !== null && total > arrived) parts.push(`${duration((total - arrived) / rate)} left`);
    return parts.join("; ");
  }
}
