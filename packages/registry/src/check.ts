import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { digestFile, type FileDigest } from "./files.ts";
import type { FileRole } from "./model-entry.ts";
import { fileState, type RecordedFile, readRecord, updateRecord } from "./record.ts";
import type { ExpectedFile, ExpectedVariant } from "./store.ts";

/**
 * `verified`: its digest was computed and nothing has changed since. `unverified`: it is there and its digest will be
 * computed before it is used. `damaged`: it cannot be right, its size being wrong. `missing`: it is not there.
 */
export type FileState = "verified" | "unverified" | "damaged" | "missing";

/** A file of the store as a look at its size and time of change shows it. */
export interface CheckedFile {
  readonly expected: ExpectedFile;
  /** Absolute; `null` where the digest is not known yet, so that there is no folder. */
  readonly location: string | null;
  readonly state: FileState;
  /** What the record has, also when it no longer holds. */
  readonly recorded: RecordedFile | undefined;
}

/** A file of a model on this disk, whose bytes have this digest. */
export interface FoundFile {
  readonly role: FileRole;
  /** As the registry has it: below the model's folder. */
  readonly path: string;
  /** Absolute. */
  readonly location: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Looks at a variant's files without reading them. */
export async function lookAtVariant({ files, folder }: ExpectedVariant): Promise<CheckedFile[]> {
  if (folder === undefined) {
    return files.map((expected) => ({ expected, location: null, state: "missing", recorded: undefined }));
  }
  const record = await readRecord(folder);
  return Promise.all(
    files.map(async (expected) => {
      const location = join(folder, expected.file.path);
      const recorded = record.get(expected.file.path);
      const found = await fileState(location);
      let state: FileState = "unverified";
      if (found === undefined) state = "missing";
      else if (expected.size !== undefined && found.size !== expected.size) state = "damaged";
      else if (
        recorded?.sha256 === expected.sha256 &&
        recorded?.size === found.size &&
        recorded.mtimeNs === found.mtimeNs
      )
        state = "verified";
      return { expected, location, state, recorded };
    }),
  );
}

/** True when every file is there and none is known to be wrong. */
export function isInstalled(files: readonly CheckedFile[]): boolean {
  return files.every(({ state }) => state === "verified" || state === "unverified");
}

/** A file's digest and time of change; the time is taken first, so that a change in between shows the next time. */
export async function measure(
  location: string,
  signal?: AbortSignal,
): Promise<(FileDigest & { mtimeNs: string }) | undefined> {
  const state = await fileState(location);
  if (state === undefined) return undefined;
  return { ...(await digestFile(location, signal)), mtimeNs: state.mtimeNs };
}

/** How {@link verifyVariant} reads. */
export interface VerifyOptions {
  /** Reads files that are known to be right as well: a bit may turn on a disk without a new time of change. */
  readonly all?: boolean;
  /** Called with the path of each file before it is read. */
  readonly onFile?: ((path: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads every file that is not known to be right; one that is wrong is an `INTEGRITY` error. */
export async function verifyVariant(
  variant: ExpectedVariant,
  files: readonly CheckedFile[],
  { all = false, onFile, signal }: VerifyOptions = {},
): Promise<void> {
  const fresh = new Map<string, RecordedFile>();
  for (const { expected, location, state, recorded } of files) {
    if ((state === "verified" && !all) || location === null) continue;
    onFile?.(expected.file.path);
    const measured = await measure(location, signal);
    if (measured === undefined || measured.sha256 !== expected.sha256) {
      throw damaged(variant, expected, location, measured);
    }
    const { source, revision } = recorded ?? { source: "store", revision: null };
    fresh.set(expected.file.path, { ...measured, source, revision });
  }
  if (fresh.size > 0 && variant.folder !== undefined) await updateRecord(variant.folder, fresh);
}

function damaged(
  { entry, variant }: ExpectedVariant,
  { sha256, size }: ExpectedFile,
  location: string,
  measured: FileDigest | undefined,
): PatinaError {
  const found = measured?.sha256 ?? "no file";
  const sizes =
    size !== undefined && measured !== undefined && measured.size !== size
      ? ` (${measured.size} bytes where ${size} are expected)`
      : "";
  return new PatinaError(
    "INTEGRITY",
    `${location} is damaged or was changed${sizes}: SHA-256 expected ${sha256}, found ${found}. It was not loaded; ` +
      `run \`patina model add ${entry.key} --variant ${variant.name} --runtime ${variant.runtime}\` ` +
      "to fetch it again",
    { file: location, key: entry.key, expected: sha256 ?? "unknown", found },
  );
}
