/** How much `add` does at once: enough to fill a line, and no burden to whom it asks. */
export const FILES_AT_ONCE = 4;

/**
 * Runs `work` on every item, at most `limit` at once, and gives the results in the items' order. At the first failure
 * the others are aborted and waited for: when this returns nothing runs any more.
 */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index, both);
      } catch (cause) {
        failures.push(cause);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  // What failed after the first did so because it was aborted.
  if (failures.length > 0) throw failures[0];
  return results;
}
