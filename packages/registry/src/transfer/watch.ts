import { abortedError, PatinaError } from "@patina/core";
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

/** What node and Bun call a certificate that they do not accept. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|certificate/i;

/** Has a failure of the network be tried again, except for a certificate, which will not be better the next time. */
export async function overNetwork<T>(host: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    if (cause instanceof PatinaError) throw cause;
    const reason = reasonOf(cause);
    if (CERTIFICATE.test(reason)) {
      throw new PatinaError(
        "NETWORK",
        `the certificate of ${host} is not accepted (${reason}). If a proxy of yours signs it, name its certificate ` +
          "in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE",
        { key: host, cause },
      );
    }
    throw new Transient(`the connection to ${host} failed (${reason})`, { cause });
  }
}

/** undici says "fetch failed" and keeps the reason in a chain of causes; Bun says it at once. */
function reasonOf(error: unknown): string {
  const said: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    said.push(typeof code === "string" && !at.message.includes(code) ? `${code}: ${at.message}` : at.message);
  }
  return said.length === 0 ? String(error) : said.join(": ");
}
