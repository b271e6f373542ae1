import { PatinaError } from "@patina/core";
import { digestFile, type FileDigest, type MeasuredFile } from "./files.ts";
import type { HubSettings } from "./hub/index.ts";
import { locationOf } from "./location.ts";
import type { FileRole } from "./model-entry.ts";
import { fileState, type Provenance, type RecordedFile, readRecord, updateRecord } from "./record.ts";
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
  /** Where the bytes at `location` came from. */
  readonly provenance: Provenance;
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

/** Where a file came from that neither the record nor the lock knows, and that is in the store all the same. */
const UNKNOWN: Provenance = { source: "store", revision: null };

/** Looks at a variant's files without reading them. */
export async function lookAtVariant(
  hub: HubSettings,
  { files, folder }: ExpectedVariant,
): Promise<CheckedFile[]> {
  if (folder === undefined) {
    return files.map((expected) => ({
      ...{ expected, location: null, state: "missing" },
      ...{ recorded: undefined, provenance: UNKNOWN },
    }));
  }
  const record = await readRecord(folder);
  return Promise.all(files.map((expected) => lookAtFile(hub, folder, expected, record)));
}

/** A file lies where the record says, else where the lock says, else in the variant's folder. */
async function lookAtFile(
  hub: HubSettings,
  folder: string,
  expected: ExpectedFile,
  record: ReadonlyMap<string, RecordedFile>,
): Promise<CheckedFile> {
  const { file, pin, sha256, size } = expected;
  const entry = record.get(file.path);
  const recorded = entry?.sha256 === sha256 ? entry : undefined;
  let missing: CheckedFile | undefined;
  for (const provenance of [recorded, pin, UNKNOWN]) {
    if (provenance === undefined) continue;
    const location = locationOf(hub, folder, file, provenance);
    if (location === undefined) continue;
    const found = await fileState(location);
    const { source, revision } = provenance;
    const rest = { expected, location, recorded, provenance: { source, revision } };
    if (found === undefined) {
      missing ??= { ...rest, state: "missing" };
      continue;
    }
    let state: FileState = "unverified";
    if (size !== undefined && found.size !== size) state = "damaged";
    else if (provenance === recorded && recorded?.size === found.size && recorded.mtimeNs === found.mtimeNs)
      state = "verified";
    return { ...rest, state };
  }
  return missing ?? { expected, location: null, state: "missing", recorded, provenance: UNKNOWN };
}

/** True when every file is there and none is known to be wrong. */
export function isInstalled(files: readonly CheckedFile[]): boolean {
  return files.every(({ state }) => state === "verified" || state === "unverified");
}

/** A file's digest and time of change; the time is taken first, so that a change in between shows the next time. */
export async function measure(location: string, signal?: AbortSignal): Promise<MeasuredFile | undefined> {
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

/**
 * Reads every file that is not known to be right; one that is wrong is an `INTEGRITY` error, and is known to be right
 * no longer.
 */
export async function verifyVariant(
  variant: ExpectedVariant,
  files: readonly CheckedFile[],
  { all = false, onFile, signal }: VerifyOptions = {},
): Promise<void> {
  const fresh = new Map<string, RecordedFile | undefined>();
  let wrong: PatinaError | undefined;
  for (const { expected, location, state, recorded, provenance } of files) {
    if ((state === "verified" && !all) || location === null) continue;
    const { path } = expected.file;
    onFile?.(path);
    const measured = await measure(location, signal);
    if (measured?.sha256 === expected.sha256 && measured !== undefined) {
      fresh.set(path, { ...measured, ...provenance, downloaded: recorded?.downloaded });
      continue;
    }
    // With its record a file whose size and time are as they were would pass for right at the next load.
    fresh.set(path, undefined);
    wrong = damaged(variant, expected, location, measured);
    break;
  }
  if (fresh.size > 0 && variant.folder !== undefined) await updateRecord(variant.folder, fresh, { signal });
  if (wrong !== undefined) throw wrong;
}

/** What is said of a file whose digest is wrong. */
export function wrongDigest(file: string, expected: string, found: string): string {
  return `${file} is damaged or was changed: SHA-256 expected ${expected}, found ${found}`;
}

function damaged(
  { entry, variant }: ExpectedVariant,
  { sha256 = "unknown", size }: ExpectedFile,
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
    `${wrongDigest(location, sha256, found)}${sizes}. It was not loaded; ` +
      `run \`patina model add ${entry.key} --variant ${variant.name} --runtime ${variant.runtime}\` ` +
      "to fetch it again",
    { file: location, key: entry.key, expected: sha256, found },
  );
}
