import { PatinaError } from "@patina/core";
import { type Arrived, type Credential, follow } from "./redirects.ts";
import { type RetryNotice, type RetryPolicy, retryAfterMs, retrying, Transient } from "./retry.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";
import { overNetwork, watched } from "./watch.ts";

/** How requests go out; all files of an operation share one. */
export interface Channel {
  readonly transport: Transport;
  readonly credential: Credential | undefined;
  readonly policy: RetryPolicy;
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
  const trying = { ...attendance, signal: attendance.signal, onRetry: attendance.onRetry };
  return retrying({ ...trying, policy: channel.policy, action: `reach ${url.origin}${url.pathname}` }, () =>
    watched(channel.policy.stallMs, attendance.signal, async (signal, arrivedBytes) => {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (body !== undefined) headers["content-type"] = "application/json";
      const sent = { method, url, headers, signal, ...(body === undefined ? {} : { body }) };
      const { response } = await send(channel, sent, request.stayOnOrigin);
      arrivedBytes();
      if (response.status >= 300 && !(request.stayOnOrigin && response.status < 400)) {
        await response.body?.cancel();
        throw request.refusal(response);
      }
      const length = Number(response.headers.get("content-length") ?? 0);
      if (method !== "HEAD" && length > MOST_TEXT) {
        await response.body?.cancel();
        throw new PatinaError("NETWORK", `${url.href} answers with ${length} bytes, absurd for a list`);
      }
      const text = method === "HEAD" ? "" : await overNetwork(url.host, response.text());
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
  const guarded: Transport = (each) => overNetwork(each.url.host, transport(each));
  const arrived = await follow(request, { transport: guarded, credential, stayOnOrigin });
  const { status, headers, body } = arrived.response;
  if (status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)) {
    await body?.cancel();
    const wanted = retryAfterMs(headers.get("retry-after"));
    const asked = wanted === undefined ? "" : `, asking to wait ${Math.ceil(wanted / 1000)} s`;
    throw new Transient(`${arrived.url.host} answers ${status}${asked}`, { retryAfterMs: wanted });
  }
  return arrived;
}
