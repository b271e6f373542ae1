import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { readCertificates } from "./certificates.ts";
import { type NetworkSettings, proxyFor } from "./network.ts";
import { networkFailure } from "./network-failure.ts";
import { openTunnel, proxyAuthorization } from "./tunnel.ts";

/** One request: a redirect is answered as it is and never followed here. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, and the response as well, with its reason. */
  readonly signal: AbortSignal;
}

/** The head of a response, and its body as it comes. */
export interface HttpResponse {
  readonly status: number;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /**
   * Hands over the body, chunk after chunk; a chunk whose handling takes time holds the sender back. Rejects where the
   * connection ends early, after every byte that came has been handed over, and with whatever `onChunk` throws.
   */
  readonly receive: (onChunk: (chunk: Uint8Array) => Promise<void> | undefined) => Promise<void>;
  /** Ends the connection; nothing of the body is wanted. */
  readonly discard: () => void;
}

/** Sends one request. What fails in the network is {@link Transient}, or an error that says what to do. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * The way to the network: `node:http` under both runtimes. `fetch` would be two ways, Node's without proxies and
 * certificates and Bun's dropping what had arrived when a connection broke before it was read.
 */
export async function openTransport(network: NetworkSettings): Promise<Transport> {
  const ca = await readCertificates(network);
  const trusted = ca === undefined ? {} : { ca };
  return async (request) => {
    const { url, method, headers, signal } = request;
    const options: RequestOptions = { method, headers: { ...headers, host: url.host }, agent: false };
    const proxy = proxyFor(network, url);
    if (proxy === undefined) return send(request, { ...options, ...trusted, ...placeOf(url) });
    if (url.protocol === "https:") {
      const socket = await openTunnel(proxy, url, trusted, signal);
      // An agent would open a connection of its own.
      return send(request, { ...options, ...placeOf(url), agent: undefined, createConnection: () => socket });
    }
    const authorization = proxyAuthorization(proxy);
    return send(
      { ...request, url: proxy },
      {
        ...options,
        ...trusted,
        ...placeOf(proxy),
        path: url.href,
        headers: { ...options.headers, ...authorization },
      },
    );
  };
}

/** Host, port and path of an address as `node:http` wants them. */
export function placeOf(url: URL): { hostname: string; port: string; path: string } {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return { hostname: url.hostname.replace(/^\[|\]$/g, ""), port, path: `${url.pathname}${url.search}` };
}

function send({ url, body, signal }: HttpRequest, options: RequestOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(options);
    const abort = (): void => {
      request.destroy(new Error("the request was given up", { cause: signal.reason }));
    };
    signal.addEventListener("abort", abort, { once: true });
    request.once("close", () => signal.removeEventListener("abort", abort));
    const fail = (cause: Error): void => reject(networkFailure(url.host, cause));
    request.once("error", fail);
    request.once("response", (message: IncomingMessage) => {
      // An error after this belongs to the body, and to whoever receives it.
      request.off("error", fail);
      request.on("error", () => message.destroy());
      resolve(responseOf(message, url.host, signal));
    });
    if (signal.aborted) abort();
    else request.end(body);
  });
}

function responseOf(message: IncomingMessage, host: string, signal: AbortSignal): HttpResponse {
  // Without a listener an error between here and `receive` would end the process.
  let failure: Error | undefined;
  message.once("error", (cause) => {
    failure = cause;
  });
  return {
    status: message.statusCode ?? 0,
    header: (name) => {
      const value = message.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    discard: () => message.destroy(),
    receive: (onChunk) =>
      new Promise((resolve, reject) => {
        const stop = (cause: unknown): void => {
          signal.removeEventListener("abort", abort);
          message.destroy();
          reject(cause);
        };
        const broken = (cause: Error): void => stop(networkFailure(host, cause));
        const abort = (): void => stop(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        message.on("error", broken);
        message.once("close", () => broken(failure ?? new Error("it was closed early")));
        message.once("end", () => {
          signal.removeEventListener("abort", abort);
          if (message.complete) resolve();
          else broken(new Error("it was closed early"));
        });
        // Events and no iterator: that one forgets what is buffered when the connection breaks.
        message.on("data", (chunk: Buffer) => {
          try {
            const busy = onChunk(chunk);
            if (busy === undefined) return;
            message.pause();
            busy.then(() => message.resume(), stop);
          } catch (cause) {
            stop(cause);
          }
        });
        if (message.destroyed) broken(failure ?? new Error("it was closed early"));
      }),
  };
}
