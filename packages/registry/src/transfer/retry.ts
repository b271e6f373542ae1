import { setTimeout as wait } from "node:timers/promises";
import { abortedError, PatinaError, throwIfAborted } from "@patina/core";

/** When a transfer is tried again. */
export interface RetryPolicy {
  /** How often in a row a request may fail without a new byte having arrived. */
  readonly attempts: number;
  /** The first pause; each further one is twice as long, less a random part of up to a half. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** The longest pause that a server may ask for; one that wants more gets an error instead. */
  readonly longestRetryAfterMs: number;
  /** A request that was silent for so long is given up and counts as failed. */
  readonly stallMs: number;
}

/** Five tries over about ten seconds; servers count their limits in windows of up to five minutes. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 500,
  longestDelayMs: 15_000,
  longestRetryAfterMs: 300_000,
  stallMs: 30_000,
};

/** A pause before the next try. */
export interface RetryNotice {
  /** Why the last one failed. */
  readonly reason: string;
  readonly delayMs: number;
  /** The number of the next try, from 2; it begins anew whenever bytes have arrived. */
  readonly attempt: number;
}

/** What may be better the next time. */
export class Transient extends Error {
  /** What the server asked for. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What a sequence of tries needs to know. */
export interface Trying {
  readonly policy: RetryPolicy;
  /** What is being done, for the error: `fetch X`. */
  readonly action: string;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

/**
 * Tries `work` until it succeeds, throws something else than {@link Transient}, or has failed too often in a row. `work`
 * calls what it is given when it has come further than ever before.
 *
 * @throws PatinaError `NETWORK` with the last reason.
 */
export async function retrying<T>(trying: Trying, work: (progressed: () => void) => Promise<T>): Promise<T> {
  const { policy, signal } = trying;
  for (let failures = 0; ; ) {
    throwIfAborted(signal);
    try {
      return await work(() => {
        failures = 0;
      });
    } catch (cause) {
      if (signal?.aborted) throw abortedError(signal);
      if (!(cause instanceof Transient)) throw cause;
      failures++;
      if (failures >= policy.attempts) throw givenUp(trying, cause, `tried ${failures} times in a row`);
      const { retryAfterMs = 0 } = cause;
      if (retryAfterMs > policy.longestRetryAfterMs) {
        throw givenUp(trying, cause, `the server asks to wait ${Math.ceil(retryAfterMs / 1000)} s`);
      }
      const backoff = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
      const delayMs = Math.max(retryAfterMs, backoff * (1 - Math.random() / 2));
      trying.onRetry?.({ reason: cause.message, delayMs, attempt: failures + 1 });
      await pause(delayMs, signal);
    }
  }
}

/** Milliseconds that a `Retry-After` header asks for, as seconds or as a date; `undefined` where it says nothing. */
export function retryAfterMs(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(delayMs, undefined, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw abortedError(signal);
    throw cause;
  }
}

function givenUp({ action }: Trying, cause: Transient, how: string): PatinaError {
  return new PatinaError(
    "NETWORK",
    `could not ${action} (${how}): ${cause.message}. Check the network and the proxy, then run the same command again`,
    { key: action, cause },
  );
}
