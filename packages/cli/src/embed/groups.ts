import type { TextRecord } from "./records.ts";

/** When a group of texts is handed to the engine. */
export interface GroupLimits {
  /** Texts in a group. More sort better by length; all of them and their vectors are held in memory. */
  readonly texts: number;
  /** UTF-16 units in a group, so that long texts make small groups. A longer text is a group of its own. */
  readonly units: number;
  /** Milliseconds without new input after which a started group goes as it is: its writer may wait for the result. */
  readonly quiet: number;
}

/** Measured: larger groups no longer speed up; this holds some 4 MB of text and, at 4,096 dimensions, 16 MB of vectors. */
export const GROUP_LIMITS: GroupLimits = { texts: 1024, units: 2_000_000, quiet: 50 };

/**
 * Gathers records into groups. When the source throws, the group that was begun is handed out first, so that
 * nothing before the failure is lost.
 */
export async function* groupRecords(
  portions: AsyncIterator<readonly TextRecord[]>,
  limits: GroupLimits = GROUP_LIMITS,
): AsyncGenerator<TextRecord[], undefined> {
  let group: TextRecord[] = [];
  let units = 0;
  let next = settle(portions.next());
  for (;;) {
    const portion = group.length > 0 ? await withinQuiet(next, limits.quiet) : await next;
    if (portion === QUIET) {
      yield group;
      [group, units] = [[], 0];
      continue;
    }
    if ("failure" in portion || portion.done) {
      if (group.length > 0) yield group;
      if ("failure" in portion) throw portion.failure;
      return undefined;
    }
    for (const record of portion.value) {
      const full = group.length >= limits.texts || units + record.text.length > limits.units;
      if (full && group.length > 0) {
        yield group;
        [group, units] = [[], 0];
      }
      group.push(record);
      units += record.text.length;
    }
    next = settle(portions.next());
  }
}

const QUIET: unique symbol = Symbol("quiet");

type Settled<T> = IteratorResult<T> | { readonly failure: unknown };

/** A promise that never rejects: one that nobody waits for yet must not end the process. */
function settle<T>(promise: Promise<IteratorResult<T>>): Promise<Settled<T>> {
  return promise.catch((failure: unknown) => ({ failure }));
}

async function withinQuiet<T>(next: Promise<T>, milliseconds: number): Promise<T | typeof QUIET> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const quiet = new Promise<typeof QUIET>((resolve) => {
    timer = setTimeout(() => resolve(QUIET), milliseconds);
  });
  try {
    return await Promise.race([next, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
