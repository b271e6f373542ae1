/** A signal for a call into the addon. */
import type { NativeAbort } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";

/** Runs `call` with a handle that the signal aborts; without a signal there is none. */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  call: (abort: NativeAbort | undefined) => Promise<T>,
): Promise<T> {
  if (!signal) return call(undefined);
  const { NativeAbort } = loadAddon();
  const abort = new NativeAbort();
  const listener = () => abort.abort();
  signal.addEventListener("abort", listener, { once: true });
  try {
    return await call(abort);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
