import type { DistinctText } from "./documents-writer.ts";

/** Seconds a group should take: a run that is killed loses what was in work, two groups. */
const GROUP_SECONDS = 4;

/** UTF-16 units of the first groups, while the pace is unknown, and the least of any: enough to fill a batch. */
const LENGTH = { first: 32 * 1_024, least: 16 * 1_024 };

/** Most texts of a group, however fast the engine is; all of them are in memory. */
const MOST_TEXTS = 2_048;

/**
 * Hands texts out in groups of like length, longest first: padding is small in every group, the most memory is
 * needed at the start and not after an hour, and the rate rises towards the end instead of falling. The size of a
 * group follows the pace of those before it.
 */
export class TextGroups {
  /** UTF-16 units of all texts. */
  readonly length: number;
  readonly #texts: readonly DistinctText[];
  #next = 0;
  #groupLength: number = LENGTH.first;

  constructor(texts: readonly DistinctText[]) {
    this.#texts = texts.toSorted((a, b) => b.length - a.length);
    this.length = lengthOf(texts);
  }

  /** The next group; empty when all are out. */
  take(): readonly DistinctText[] {
    const start = this.#next;
    let length = 0;
    while (this.#next < this.#texts.length && this.#next - start < MOST_TEXTS) {
      length += this.#texts[this.#next]?.length ?? 0;
      if (length > this.#groupLength && this.#next > start) break;
      this.#next++;
    }
    return this.#texts.slice(start, this.#next);
  }

  /** Learns how long a group took. */
  measured(group: readonly DistinctText[], seconds: number): void {
    const pace = lengthOf(group) / Math.max(seconds, 1e-3);
    this.#groupLength = Math.max(LENGTH.least, pace * GROUP_SECONDS);
  }
}

/** UTF-16 units of texts. */
export function lengthOf(texts: readonly DistinctText[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}
