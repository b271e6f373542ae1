import { abortedError } from "@patina/core";
import { Transient } from "./retry.ts";

/**
 * Runs one request under two watches: the caller's signal, and a limit to silence. `work` hands the signal to whatever
 * waits for the network and says when something arrived.
 *
 * @throws Transient when nothing arrived for `stallMs`.
 */
export async function watched<T>(
  stallMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal, arrived: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  let last = performance.now();
  let stalled = false;
  // One timer looks at a time stamp: setting it anew for each of thousands of chunks would cost more than their digest.
  const timer = setInterval(
    () => {
      if (performance.now() - last < stallMs) return;
      stalled = true;
      controller.abort();
    },
    Math.max(5, stallMs / 8),
  );
  try {
    return await work(controller.signal, () => {
      last = performance.now();
    });
  } catch (cause) {
    if (signal?.aborted) throw abortedError(signal);
    if (stalled) throw new Transient(`nothing arrived for ${stallMs / 1000} s`, { cause });
    throw cause;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", abort);
  }
}
