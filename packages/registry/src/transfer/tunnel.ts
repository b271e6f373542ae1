import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { PatinaError } from "@patina/core";
import { networkFailure } from "./network-failure.ts";
import { placeOf } from "./transport.ts";

/** Certificates for the proxy and for the host behind it. */
interface Trusted {
  readonly ca?: string[];
}

/** An encrypted connection to `url` through a proxy, which sees the host's name and no more. */
export async function openTunnel(
  proxy: URL,
  url: URL,
  trusted: Trusted,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = await dig(proxy, url, trusted, signal);
  const host = placeOf(url).hostname;
  return new Promise((resolve, reject) => {
    // An address cannot be a server name of TLS.
    const secure = connect({ socket, host, servername: isIP(host) === 0 ? host : "", ...trusted });
    const abort = (): void => {
      secure.destroy(new Error("the connection was given up"));
    };
    signal.addEventListener("abort", abort, { once: true });
    const fail = (cause: Error): void => reject(networkFailure(url.host, cause));
    secure.once("error", fail);
    secure.once("secureConnect", () => {
      signal.removeEventListener("abort", abort);
      secure.off("error", fail);
      resolve(secure);
    });
  });
}

/** The header by which a proxy knows the user, where its address names one. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function dig(proxy: URL, url: URL, trusted: Trusted, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = placeOf(url);
  const path = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  const headers = { host: path, ...proxyAuthorization(proxy) };
  return new Promise((resolve, reject) => {
    const send = proxy.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send({ ...placeOf(proxy), ...trusted, method: "CONNECT", path, headers, agent: false });
    const abort = (): void => {
      request.destroy(new Error("the connection was given up"));
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    const refuse = (status: number | undefined): void => {
      request.destroy();
      reject(proxyRefusal(proxy, path, status));
    };
    request.once("close", () => signal.removeEventListener("abort", abort));
    request.once("error", (cause) => reject(networkFailure(proxy.host, cause)));
    request.once("response", ({ statusCode }) => refuse(statusCode));
    request.once("connect", ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) resolve(socket);
      else refuse(statusCode);
    });
    request.end();
  });
}

function proxyRefusal(proxy: URL, path: string, status: number | undefined): PatinaError {
  const advice =
    status === 407
      ? "it wants a user and a password: put them into its address, http://USER:PASSWORD@HOST:PORT"
      : "ask whoever runs it, or list the host in NO_PROXY";
  return new PatinaError("NETWORK", `the proxy ${proxy.host} answers ${status} for ${path}: ${advice}`, {
    key: proxy.host,
    found: `${status}`,
  });
}
