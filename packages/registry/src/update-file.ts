import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import { isPatinaError, PatinaError } from "@patina/core";
import { digestFile, unlessMissing } from "./files.ts";
import type { HubClient } from "./hub/index.ts";
import type { LockedFile } from "./lock.ts";
import type { FileRole, HubSource, ModelEntry, ModelFile, ModelSource } from "./model-entry.ts";
import { locateDir } from "./sources/dir.ts";
import { describeSource, lockedName } from "./sources/source.ts";
import type { Workspace } from "./workspace.ts";

/** A file as a lock or a source has it. */
export interface FileVersion {
  readonly source: string;
  /** A commit, a version; `null` where the source has none. */
  readonly revision: string | null;
  /** In bytes; `null` where that shows only when the file is fetched. */
  readonly size: number | null;
  /** `null` where that shows only when the file is fetched. */
  readonly sha256: string | null;
}

/** One file of a variant, as the lock has it and as its source has it today. */
export interface FileChange {
  readonly role: FileRole;
  readonly path: string;
  /** `moved`: the same bytes under another revision or from another source. `unknown`: fetching it will tell. */
  readonly state: "same" | "moved" | "changed" | "unknown";
  /** `null` for a file that the lock does not have. */
  readonly before: FileVersion | null;
  readonly now: FileVersion;
}

/** What {@link fileChange} looks at. */
export interface FileQuestion {
  readonly workspace: Workspace;
  readonly entry: ModelEntry;
  readonly client: HubClient;
  readonly file: ModelFile;
  readonly before: LockedFile | undefined;
  /** Where the file lies, if it does. */
  readonly location: string | null;
  readonly signal: AbortSignal | undefined;
}

/** Asks a file's sources in their order; the first that answers is the one it would be fetched from. */
export async function fileChange(question: FileQuestion): Promise<FileChange> {
  const { file, before: locked } = question;
  const failures: string[] = [];
  let first: PatinaError | undefined;
  for (const source of file.sources) {
    try {
      const now = await versionNow(question, source);
      const before = locked === undefined ? null : versionOf(locked);
      return { role: file.role, path: file.path, state: stateOf(before, now), before, now };
    } catch (cause) {
      if (!isPatinaError(cause) || cause.code === "ABORTED") throw cause;
      first ??= cause;
      failures.push(`\n  ${describeSource(source)}: ${cause.message}`);
    }
  }
  throw new PatinaError(
    first?.code ?? "INTERNAL",
    `none of its sources says what ${file.path} of ${question.entry.key} is today:${failures.join("")}`,
    { ...first?.details, key: question.entry.key, cause: first },
  );
}

async function versionNow(question: FileQuestion, source: ModelSource): Promise<FileVersion> {
  const { file, before, signal, entry, workspace } = question;
  const name = lockedName(source);
  const known = { size: file.size ?? null, sha256: file.sha256 ?? null };
  switch (source.kind) {
    case "hub":
      return { ...(await hubVersion(question, source)), source: name };
    case "dir": {
      const location = await locateDir(source, entry, workspace.projectDir);
      return { ...(await digestFile(location, signal)), source: name, revision: null };
    }
    case "wheel": {
      // The registry names the wheel's digest: under one version it holds the same bytes.
      const isSame = before?.source === name && before.revision === source.version;
      const same = isSame ? { size: before.size, sha256: before.sha256 } : {};
      return { source: name, revision: source.version, ...known, ...same };
    }
    case "url":
      return { source: name, revision: null, ...known };
  }
}

async function hubVersion(
  { client, file, before, location, signal }: FileQuestion,
  source: HubSource,
): Promise<Omit<FileVersion, "source">> {
  const { commit, files } = await client.resolve(source.repo, source.revision, { signal });
  const row = files.find(({ path }) => path === source.path);
  if (row === undefined) {
    throw new PatinaError("MODEL_MISSING", `${source.repo} has no ${source.path} at ${commit}`, {
      key: source.repo,
    });
  }
  const named = row.sha256 ?? file.sha256;
  if (named !== undefined) return { revision: commit, size: row.size, sha256: named };
  // Only where nobody else names a digest does the lock's count, since anybody may have written it: at the same commit,
  // or where git's digest says that the bytes here are those of today, and those were held to the lock.
  const isSame =
    before !== undefined &&
    ((before.source === lockedName(source) && before.revision === commit) ||
      (await isBlob(location, row.gitSha1)));
  return { revision: commit, size: row.size, sha256: isSame ? before.sha256 : null };
}

/** Whether a file of the hub's cache is the one with this git digest: by the name of its blob. */
async function isBlob(location: string | null, gitSha1: string | undefined): Promise<boolean> {
  if (location === null || gitSha1 === undefined) return false;
  const blob = await unlessMissing(realpath(location), undefined);
  return blob !== undefined && basename(blob) === gitSha1;
}

function versionOf({ source, revision, size, sha256 }: LockedFile): FileVersion {
  return { source, revision, size, sha256 };
}

function stateOf(before: FileVersion | null, now: FileVersion): FileChange["state"] {
  if (before === null) return "changed";
  if (now.size !== null && now.size !== before.size) return "changed";
  if (now.sha256 === null) return "unknown";
  if (now.sha256 !== before.sha256) return "changed";
  return now.revision === before.revision && now.source === before.source ? "same" : "moved";
}
