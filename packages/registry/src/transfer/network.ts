import { PatinaError } from "@patina/core";
import type { Environment } from "../home.ts";

/** What an environment says about the way out to the network. */
export interface NetworkSettings {
  /** The proxy for `http:` addresses, as the user wrote it. */
  readonly httpProxy: string | undefined;
  /** The proxy for `https:` addresses. */
  readonly httpsProxy: string | undefined;
  /** Hosts that are reached without a proxy: `*`, `host`, `.domain`, each with or without `:port`. */
  readonly noProxy: readonly string[];
  /** Files of PEM certificates that are trusted beside the runtime's own. */
  readonly certificateFiles: readonly string[];
}

/**
 * Reads the variables that other tools read: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case,
 * and `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE`.
 */
export function networkSettings(env: Environment): NetworkSettings {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const all = read("ALL_PROXY");
  const noProxy = (read("NO_PROXY") ?? "").split(/[\s,]+/).filter((item) => item !== "");
  const certificates = [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE, env.REQUESTS_CA_BUNDLE];
  return {
    httpProxy: read("HTTP_PROXY") ?? all,
    httpsProxy: read("HTTPS_PROXY") ?? all,
    noProxy: noProxy.map((item) => item.toLowerCase()),
    certificateFiles: certificates.flatMap((file) => file || []),
  };
}

/**
 * The proxy that stands between this machine and `url`; `undefined` for the direct way.
 *
 * @throws PatinaError `INVALID_INPUT` for a proxy of another kind than HTTP's (SOCKS, say).
 */
export function proxyFor({ httpProxy, httpsProxy, noProxy }: NetworkSettings, url: URL): URL | undefined {
  const proxy = url.protocol === "https:" ? httpsProxy : httpProxy;
  if (proxy === undefined) return undefined;
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const direct = noProxy.some((item) => {
    if (item === "*") return true;
    const [, name = item, onPort] = /^(.*?)(?::(\d+))?$/.exec(item) ?? [];
    if (onPort !== undefined && onPort !== port) return false;
    const bare = name.replace(/^\*?\./, "");
    return host === bare || host.endsWith(`.${bare}`);
  });
  return direct ? undefined : parsed(proxy, url);
}

function parsed(proxy: string, { host }: URL): URL {
  const full = proxy.includes("://") ? proxy : `http://${proxy}`;
  if (/^https?:\/\//i.test(full) && URL.canParse(full)) return new URL(full);
  throw new PatinaError(
    "INVALID_INPUT",
    `the proxy for ${host} is no http:// or https:// address; correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or list ` +
      "the host in NO_PROXY",
    { key: "HTTPS_PROXY" },
  );
}
