/** Calls into the addon: signals, which it does not know, and callbacks, which must not throw into it. */
import type { NativeAbort } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";

/** Makes a callback one that the addon may call: what it throws aborts the call, which then rejects with that. */
export type Guard = <Arguments extends unknown[]>(
  callback: (...values: Arguments) => void,
) => (...values: Arguments) => void;

/**
 * Runs `call` with a handle that the signal aborts, and with a guard for what the addon calls back. Thrown on into the
 * addon, an error would end the process.
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  call: (abort: NativeAbort, guard: Guard) => Promise<T>,
): Promise<T> {
  const { NativeAbort } = loadAddon();
  const abort = new NativeAbort();
  /** In a box, for anything can be thrown. */
  let thrown: { readonly error: unknown } | undefined;
  const guard: Guard =
    (callback) =>
    (...values) => {
      if (thrown) return;
      try {
        callback(...values);
      } catch (error) {
        thrown = { error };
        abort.abort();
      }
    };
  const listener = () => abort.abort();
  signal?.addEventListener("abort", listener, { once: true });
  try {
    const outcome = await call(abort, guard);
    if (thrown) throw thrown.error;
    return outcome;
  } finally {
    signal?.removeEventListener("abort", listener);
  }
}
