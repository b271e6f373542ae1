import { PatinaError } from "@patina/core";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

/** A hub redirects once or twice; ten is what browsers and Python's client bear as well. */
const MOST_REDIRECTS = 10;

/** A secret and the one origin that may hear it. */
export interface Credential {
  readonly origin: string;
  readonly token: string | undefined;
}

/** The last response of a chain of redirects. */
export interface Arrived {
  readonly response: HttpResponse;
  readonly url: URL;
  /** The responses that redirected, the first one first. */
  readonly redirects: readonly HttpResponse[];
}

/** How a chain of redirects is followed. */
export interface Follow {
  readonly transport: Transport;
  readonly credential: Credential | undefined;
  /** Stays at a redirect that leads to another origin and hands it out: its headers are what is wanted. */
  readonly stayOnOrigin?: boolean;
}

/**
 * Sends a request and follows its redirects. The token goes to its origin only, and once a chain has left that origin
 * never again: what another host sends back to the hub is that host's request and not the user's.
 *
 * @throws PatinaError `NETWORK` for a loop, too many redirects, or one to something that is no web address or has no TLS
 * where the first had it.
 */
export async function follow(
  request: HttpRequest,
  { transport, credential, stayOnOrigin }: Follow,
): Promise<Arrived> {
  const redirects: HttpResponse[] = [];
  const seen = new Set<string>();
  let { url } = request;
  let mayKnow = true;
  while (true) {
    mayKnow = mayKnow && url.origin === credential?.origin;
    const secret =
      mayKnow && credential?.token !== undefined ? { authorization: `Bearer ${credential.token}` } : {};
    seen.add(url.href);
    const response = await transport({ ...request, url, headers: { ...request.headers, ...secret } });
    const location = response.header("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) {
      return { response, url, redirects };
    }
    const next = target(url, location);
    if (stayOnOrigin && next.origin !== url.origin) return { response, url, redirects };
    response.discard();
    redirects.push(response);
    if (seen.has(next.href)) throw refused(request.url, `redirects in a loop, back to ${shown(next)}`);
    if (redirects.length > MOST_REDIRECTS)
      throw refused(request.url, `redirects more than ${MOST_REDIRECTS} times`);
    if (url.protocol === "https:" && next.protocol !== "https:") {
      throw refused(request.url, `redirects to ${shown(next)}, which is not encrypted`);
    }
    url = next;
  }
}

/** An address without its query, which may be a signature that lets anybody in. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function target(url: URL, location: string): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (next?.protocol === "https:" || next?.protocol === "http:") return next;
  throw refused(url, "redirects to something that is no web address");
}

function refused(url: URL, what: string): PatinaError {
  return new PatinaError(
    "NETWORK",
    `${shown(url)} ${what}; nothing was fetched. Check HF_ENDPOINT, the source's address and the proxy`,
    { key: shown(url) },
  );
}
