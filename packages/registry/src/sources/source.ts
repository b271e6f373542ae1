import { basename, isAbsolute } from "node:path";
import type { MeasuredFile } from "../files.ts";
import type { Environment } from "../home.ts";
import { COMMIT } from "../hub/layout.ts";
import type { ModelEntry, ModelSource } from "../model-entry.ts";
import type { Provenance } from "../record.ts";
import type { DamagedFile } from "../set-aside.ts";
import type { RetryNotice } from "../transfer/retry.ts";

/** What a source is given to put one file somewhere. */
export interface FetchRequest {
  readonly entry: ModelEntry;
  /** Where the file shall be; nothing is there yet and the folder is private to this fetch. */
  readonly target: string;
  /** In bytes, where the registry or the lock knows it: a source may stop early at anything longer. */
  readonly size: number | undefined;
  /** Where the registry or the lock knows it: a source may refuse another file before it fetches it. */
  readonly sha256: string | undefined;
  /** The revision of this source that the lock pins. */
  readonly pinned: string | undefined;
  /** A folder that lives as long as the whole `add`, for what several files come out of. */
  readonly workFolder: string;
  /** A folder of this file's own that outlives the `add`, for what there is of the file when it is cut off. */
  readonly part: string;
  readonly env: Environment;
  readonly home: string;
  readonly projectDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes of the file that have arrived. */
  readonly onBytes: (bytes: number, total: number | null) => void;
  /** Called when the hub's cache has the file with wrong bytes, which were moved aside. */
  readonly onDamaged: (damaged: DamagedFile) => void;
  /** Called when another process fetches the same file. */
  readonly onWait: () => void;
  /** The source failed in a way that may pass, and is asked again after a pause. */
  readonly onRetry: (notice: RetryNotice) => void;
}

/** A file that arrived, with what was computed from its bytes on their way. */
export interface FetchedFile extends MeasuredFile, Provenance {
  /** Where it is: the request's target, or its place in the hub's cache. */
  readonly location: string;
  /** False for a file that the hub's cache had, true for one that was put there; absent for other sources. */
  readonly fetched?: boolean;
}

/** A source in words, as the lock and messages name it. */
export function describeSource(source: ModelSource): string {
  switch (source.kind) {
    case "hub":
      return `hub:${source.repo}@${source.revision}/${source.path}`;
    case "wheel":
      return `wheel:${source.package}==${source.version}/${source.path}`;
    case "url":
      return `url:${source.url}`;
    case "dir":
      return `dir:${source.path}`;
  }
}

/**
 * A source as the lock names it. The lock of a project goes into version control: an absolute path would tell about
 * somebody's machine there.
 */
export function lockedName(source: ModelSource): string {
  const named = source.kind === "dir" && isAbsolute(source.path);
  return named ? `dir:${basename(source.path)}` : describeSource(source);
}

/**
 * The commit that a source itself names, where the lock or a record has its file at another one; `undefined` where the
 * two agree, the source names none or the file came from elsewhere.
 */
export function contradictedCommit(
  source: ModelSource,
  { source: name, revision }: Provenance,
): string | undefined {
  if (source.kind !== "hub" || !COMMIT.test(source.revision) || lockedName(source) !== name) return undefined;
  return source.revision === revision ? undefined : source.revision;
}

/**
 * Whether the lock or a record can mean this: a file of the hub has the commit that it was taken at, which becomes a
 * part of a path and comes from a file that anybody may have written.
 */
export function isProvenance({ source, revision }: Provenance): boolean {
  return !isHubName(source) || (revision !== null && COMMIT.test(revision));
}

/** Whether the lock or a record means a file of the hub, which lies in the hub's cache. */
export function isHubName(name: string): boolean {
  return name.startsWith("hub:");
}
