import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { PatinaError } from "@patina/core";
import { ioError } from "../files.ts";
import { type NetworkSettings, proxyFor } from "./network.ts";

/** One request: a redirect is answered as it is and never followed here. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What of a response is used; `fetch` of both runtimes gives it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}

/** Sends one request. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * The way to the network under this runtime. Bun's `fetch` takes proxies and certificates itself. Node 20's takes
 * neither, so there it is undici's, of which Node's is an older copy without them.
 */
export async function openTransport(network: NetworkSettings): Promise<Transport> {
  const ca = await trustedCertificates(network);
  return process.versions.bun === undefined ? nodeTransport(network, ca) : bunTransport(network, ca);
}

function bunTransport(network: NetworkSettings, ca: string[] | undefined): Transport {
  return ({ url, method, headers, body, signal }) => {
    const proxy = checkedProxy(network, url);
    return fetch(url, {
      method,
      headers,
      signal,
      redirect: "manual",
      decompress: false,
      ...(body === undefined ? {} : { body }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
  };
}

async function nodeTransport(network: NetworkSettings, ca: string[] | undefined): Promise<Transport> {
  // Loaded when it is needed: most commands never leave this machine.
  const { Agent, fetch, ProxyAgent } = await import("undici");
  const tls = ca === undefined ? {} : { ca };
  // The watch over stalled transfers is the caller's, one rule under both runtimes.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
  const direct = new Agent({ ...timeouts, connect: tls });
  const proxies = new Map<string, InstanceType<typeof ProxyAgent>>();
  return async ({ url, method, headers, body, signal }) => {
    const proxy = checkedProxy(network, url);
    let dispatcher: InstanceType<typeof Agent> | InstanceType<typeof ProxyAgent> = direct;
    if (proxy !== undefined) {
      const agent =
        proxies.get(proxy) ?? new ProxyAgent({ ...timeouts, uri: proxy, requestTls: tls, proxyTls: tls });
      proxies.set(proxy, agent);
      dispatcher = agent;
    }
    const init = { method, headers, signal, redirect: "manual" as const, dispatcher };
    return (await fetch(url, body === undefined ? init : { ...init, body })) as HttpResponse;
  };
}

function checkedProxy(network: NetworkSettings, url: URL): string | undefined {
  const proxy = proxyFor(network, url);
  if (proxy === undefined) return undefined;
  const full = proxy.includes("://") ? proxy : `http://${proxy}`;
  if (/^https?:\/\//i.test(full) && URL.canParse(full)) return full;
  throw new PatinaError(
    "INVALID_INPUT",
    `the proxy for ${url.host} is no http:// or https:// address; correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, ` +
      "or list the host in NO_PROXY",
    { key: "HTTPS_PROXY" },
  );
}

/** A list given to the runtime replaces its own, so its own are in it; `undefined` where the user names no more. */
async function trustedCertificates({ certificateFiles }: NetworkSettings): Promise<string[] | undefined> {
  if (certificateFiles.length === 0) return undefined;
  const own = await Promise.all(
    certificateFiles.map((file) =>
      readFile(file, "utf8").catch((cause: unknown) => {
        throw ioError("read certificates from", file, cause);
      }),
    ),
  );
  return [...rootCertificates, ...own];
}
