import { PatinaError } from "@patina/core";
import type { NetworkSettings } from "./network.ts";
import { type Arrived, type Credential, follow } from "./redirects.ts";
import {
  DEFAULT_RETRY,
  type RetryNotice,
  type RetryPolicy,
  retryAfterMs,
  retrying,
  Transient,
} from "./retry.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";
import { watched } from "./watch.ts";

/** How requests go out; all files of an operation share one. */
export interface Channel {
  readonly transport: Transport;
  readonly credential: Credential | undefined;
  readonly policy: RetryPolicy;
}

/** A way to the network with the settings' proxies and certificates. */
export async function openChannel(
  network: NetworkSettings,
  credential: Credential | undefined,
  retry: Partial<RetryPolicy>,
): Promise<Channel> {
  // Loaded here alone: with `node:http` and TLS a command that asks nobody, `model list` for one, takes a tenth longer.
  const { openTransport } = await import("./transport.ts");
  return { transport: await openTransport(network), credential, policy: { ...DEFAULT_RETRY, ...retry } };
}

/** What a caller can do about a request under way, and hears of it. */
export interface Attendance {
  readonly signal?: AbortSignal | undefined;
  /** Called before each pause. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** A small request, with all that decides its end. */
export interface Ask {
  readonly method: HttpRequest["method"];
  readonly url: URL;
  readonly body?: string;
  /** See {@link follow}. */
  readonly stayOnOrigin?: boolean;
  /** The error for a status that is neither success nor worth another try. */
  readonly refusal: (response: HttpResponse) => PatinaError;
}

/** An answer and its whole text. */
export interface Answer {
  readonly response: HttpResponse;
  readonly text: string;
}

/** An answer of the hub is small; what is larger is none. */
const MOST_TEXT = 64 << 20;

/** Sends a request whose answer is small, again where that may help. A redirect that was stayed at counts as success. */
export function ask(channel: Channel, request: Ask, attendance: Attendance): Promise<Answer> {
  const { url, method, body } = request;
  const { signal: stop, onRetry } = attendance;
  const action = `reach ${url.origin}${url.pathname}`;
  return retrying({ policy: channel.policy, action, signal: stop, onRetry }, () =>
    watched(channel.policy.stallMs, stop, async (signal, arrivedBytes) => {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (body !== undefined) headers["content-type"] = "application/json";
      const sent = { method, url, headers, signal, ...(body === undefined ? {} : { body }) };
      const { response } = await send(channel, sent, request.stayOnOrigin);
      arrivedBytes();
      if (response.status >= 300 && !(request.stayOnOrigin && response.status < 400)) {
        response.discard();
        throw request.refusal(response);
      }
      const text = await textOf(response, url, arrivedBytes);
      return { response, text };
    }),
  );
}

/** Sends one request, follows its redirects, and has what may be better the next time be {@link Transient}. */
export async function send(
  { transport, credential }: Channel,
  request: HttpRequest,
  stayOnOrigin = false,
): Promise<Arrived> {
  const arrived = await follow(request, { transport, credential, stayOnOrigin });
  const { status, header, discard } = arrived.response;
  if (status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)) {
    discard();
    const wanted = retryAfterMs(header("retry-after"));
    const asked = wanted === undefined ? "" : `, asking to wait ${Math.ceil(wanted / 1000)} s`;
    throw new Transient(`${arrived.url.host} answers ${status}${asked}`, { retryAfterMs: wanted });
  }
  return arrived;
}

async function textOf(response: HttpResponse, url: URL, arrived: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  await response.receive((chunk) => {
    arrived();
    chunks.push(chunk);
    size += chunk.length;
    if (size <= MOST_TEXT) return undefined;
    throw new PatinaError(
      "NETWORK",
      `${url.origin}${url.pathname} answers with more than ${MOST_TEXT} bytes`,
      {
        key: url.origin,
      },
    );
  });
  return Buffer.concat(chunks).toString("utf8");
}
