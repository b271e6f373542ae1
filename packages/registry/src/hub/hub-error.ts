import { PatinaError } from "@patina/core";
import { printable } from "../problem.ts";
import type { HttpResponse } from "../transfer/transport.ts";

/** What was asked of the hub. */
export interface Asked {
  readonly endpoint: string;
  readonly repo: string;
  readonly revision: string;
  /** Absent where the whole repository was asked for. */
  readonly path?: string | undefined;
  readonly hasToken: boolean;
}

/** The error for an answer of the hub that is neither success nor worth another try, with what to do about it. */
export function hubRefusal(asked: Asked, { status, header }: HttpResponse): PatinaError {
  const { endpoint, repo, revision, path } = asked;
  const code = header("x-error-code") ?? "";
  const message = header("x-error-message");
  const said = message === undefined ? "" : ` (the hub says: ${printable(message)})`;
  const file = path === undefined ? repo : `${path} of ${repo}`;
  const details = { key: repo, found: `${status} ${code}`.trim() };
  const error = (text: string, kind: "MODEL_MISSING" | "NETWORK" = "MODEL_MISSING") =>
    new PatinaError(kind, `${text}${said}`, details);
  const login = asked.hasToken
    ? "the token in HF_TOKEN, or the one that is stored, has no access to it or is no longer valid"
    : "set HF_TOKEN to a token of an account with access";
  if (code === "GatedRepo") {
    return error(`${repo} is gated: accept its terms at ${endpoint}/${repo}, then ${forToken(asked)}`);
  }
  if (code === "RevisionNotFound") {
    return error(`${repo} has no revision ${revision}: see ${endpoint}/${repo}/tree/main for those it has`);
  }
  if (code === "EntryNotFound") {
    return error(
      `${repo} has no file ${path} at revision ${revision}: see ${endpoint}/${repo}/tree/${revision}`,
    );
  }
  // Whoever has no access is told 401 for a repository that does not exist too, so as not to tell which ones do.
  if (code === "RepoNotFound" || status === 404) {
    return error(
      `${endpoint} has no repository ${repo}, or it is private: check the name; if it is private, ${login}`,
    );
  }
  if (status === 401 || status === 403) {
    return error(
      `${endpoint} refuses ${file} (${status}): ${login}; if it is gated, accept its terms at ${endpoint}/${repo}`,
    );
  }
  return error(`${endpoint} answers ${status} for ${file}; check HF_ENDPOINT and the proxy`, "NETWORK");
}

function forToken({ hasToken }: Asked): string {
  return hasToken
    ? "make sure HF_TOKEN is a token of the account that accepted them"
    : "set HF_TOKEN to a token of that account";
}
