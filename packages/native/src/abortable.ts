/** Signals for what knows none: calls into the addon, and reads of a source. */
import { abortedError } from "@patina/core";
import type { NativeAbort } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";

/** Runs `call` with a handle that the signal aborts, and that the call's own side may abort as well. */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  call: (abort: NativeAbort) => Promise<T>,
): Promise<T> {
  const { NativeAbort } = loadAddon();
  const abort = new NativeAbort();
  if (!signal) return call(abort);
  const listener = () => abort.abort();
  signal.addEventListener("abort", listener, { once: true });
  try {
    return await call(abort);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}

/**
 * Waits for the promise, at most until the signal is aborted. One lasting promise for the abort, raced each time, would
 * keep every result alive for as long as it lives.
 *
 * @throws PatinaError `ABORTED`.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const listener = () => reject(abortedError(signal));
    if (signal.aborted) listener();
    signal.addEventListener("abort", listener, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", listener));
  });
}
