import { PatinaError } from "@patina/core";
import type { HubSource } from "../model-entry.ts";
import { unsafePathReason } from "../safe-path.ts";
import type { HubRequest } from "./request.ts";

/** A source's names become paths of the cache and addresses of the hub. */
export function checkPath({ repo, path, revision }: HubSource): void {
  for (const part of [path, repo, revision]) {
    const reason = unsafePathReason(part);
    if (reason === undefined) continue;
    throw new PatinaError(
      "INVALID_INPUT",
      `${JSON.stringify(part)} of ${repo} ${reason}; nothing was fetched`,
      {
        key: repo,
        file: part,
      },
    );
  }
}

/** What the hub says a file is must be what the registry or the lock says, before a byte of it is fetched. */
export function checkFacts(
  { path, repo }: HubSource,
  { sha256, size }: HubRequest,
  facts: { sha256?: string; size: number },
): void {
  for (const [expected, found, unit] of [
    [sha256, facts.sha256, "SHA-256"],
    [size, facts.size, "bytes"],
  ] as const) {
    if (expected === undefined || found === undefined || expected === found) continue;
    throw new PatinaError(
      "INTEGRITY",
      `${path} of ${repo} is another file than it should be: ${unit} expected ${expected}, found ${found}`,
      { file: path, key: repo, expected: `${expected}`, found: `${found}` },
    );
  }
}

/** A file that changes while it is fetched is not put together from two. */
export function checkIdentity({ path, repo }: HubSource, expected: string, found: string | undefined): void {
  if (found === undefined || found === expected || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(found)) return;
  throw new PatinaError(
    "INTEGRITY",
    `${path} of ${repo} changed while it was fetched: ${expected} became ${found}`,
    {
      file: path,
      key: repo,
      expected,
      found,
    },
  );
}

/** The error for what would need a request where none may be made. */
export function offlineError(what: string, cache: string): PatinaError {
  return new PatinaError(
    "MODEL_MISSING",
    `HF_HUB_OFFLINE is set and the cache ${cache} does not have ${what}; no request was made. Unset it, or bring the ` +
      "files into the cache on a machine with a network",
    { key: "HF_HUB_OFFLINE" },
  );
}
