/** Signals for calls into the addon, which knows none. */
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
