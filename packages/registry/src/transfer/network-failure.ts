import { isPatinaError, PatinaError } from "@patina/core";
import { Transient } from "./retry.ts";

/** What node and Bun call a certificate that they do not accept. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|certificate/i;

/** The error for a failed connection: worth another try, except for a certificate, which stays as it is. */
export function networkFailure(host: string, cause: unknown): Error {
  if (isPatinaError(cause)) return cause;
  const reason = reasonOf(cause);
  if (!CERTIFICATE.test(reason))
    return new Transient(`the connection to ${host} failed (${reason})`, { cause });
  return new PatinaError(
    "NETWORK",
    `the certificate of ${host} is not accepted (${reason}). If a proxy of yours signs it, name its certificate in ` +
      "NODE_EXTRA_CA_CERTS or SSL_CERT_FILE",
    { key: host, cause },
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === "string" && !error.message.includes(code)
    ? `${code}: ${error.message}`
    : error.message;
}
