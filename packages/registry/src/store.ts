import { createHash } from "node:crypto";
import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Runtime } from "@patina/core";
import { isSystemError } from "./files.ts";
import { type LockedFile, lockedFiles } from "./lock.ts";
import { type ModelEntry, type ModelFile, type ModelVariant, variantFiles } from "./model-entry.ts";

/** A file of a variant with the digest it must have: the registry's, else the lock's. */
export interface ExpectedFile {
  readonly file: ModelFile;
  /** `undefined` when neither knows it: the file was never fetched here. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

/** A variant with its expected files and, when all digests are known, its folder. */
export interface ExpectedVariant {
  readonly entry: ModelEntry;
  readonly variant: ModelVariant;
  readonly files: readonly ExpectedFile[];
  readonly folder: string | undefined;
}

/** `$PATINA_HOME/models/<key>`. */
export function modelFolder(home: string, key: string): string {
  return join(home, "models", key);
}

/**
 * The folder of one set of files: `models/<key>/<digest>`. The digest covers the variant and every file's path and
 * SHA-256, so files of two revisions never mix and a folder's files never change their meaning.
 */
export function variantFolder(
  home: string,
  key: string,
  variant: { name: string; runtime: Runtime },
  files: readonly { path: string; sha256: string }[],
): string {
  const rows = files.map(({ path, sha256 }) => [path, sha256]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([variant.runtime, variant.name, rows]);
  return join(modelFolder(home, key), createHash("sha256").update(canonical).digest("hex"));
}

/** What a variant's files must be, by the registry and then by the locks in their order. */
export async function expectVariant(
  home: string,
  locks: readonly string[],
  entry: ModelEntry,
  variant: ModelVariant,
): Promise<ExpectedVariant> {
  const declared = variantFiles(entry, variant);
  const rows = declared.every((file) => file.sha256 !== undefined)
    ? []
    : await Promise.all(locks.map((lock) => lockedFiles(lock, entry.key, variant.name, variant.runtime)));
  const files = declared.map((file) => {
    const locked = firstLocked(rows, file.path);
    return { file, sha256: file.sha256 ?? locked?.sha256, size: file.size ?? locked?.size };
  });
  const known = files.flatMap(({ file, sha256 }) =>
    sha256 === undefined ? [] : [{ path: file.path, sha256 }],
  );
  const folder = known.length === files.length ? variantFolder(home, entry.key, variant, known) : undefined;
  return { entry, variant, files, folder };
}

function firstLocked(rows: readonly Map<string, LockedFile>[], path: string): LockedFile | undefined {
  for (const row of rows) {
    const locked = row.get(path);
    if (locked !== undefined) return locked;
  }
  return undefined;
}

/** The folders below `folder`; none when it does not exist. */
export async function subfolders(folder: string): Promise<string[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true });
    return items.filter((item) => item.isDirectory()).map((item) => join(folder, item.name));
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return [];
    throw cause;
  }
}

/** Removes a folder that holds nothing; one that does not exist or holds something stays as it is. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (cause) {
    if (!isSystemError(cause, "ENOENT", "ENOTEMPTY", "EEXIST")) throw cause;
  }
}
