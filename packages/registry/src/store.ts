import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Runtime } from "@patina/core";
import { nameOfLock } from "./exclusive.ts";
import { isSystemError, unlessMissing } from "./files.ts";
import type { LockedFile, Pins } from "./lock.ts";
import { type ModelEntry, type ModelFile, type ModelVariant, variantFiles } from "./model-entry.ts";
import { isKey } from "./parse.ts";

/** A file of a variant with the digest it must have: the registry's, else the lock's. */
export interface ExpectedFile {
  readonly file: ModelFile;
  /** `undefined` when neither knows it: the file was never fetched here. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
  /** The lock's row, unless the registry has named another digest since. */
  readonly pin: LockedFile | undefined;
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

/** Hidden, as all is that is no variant. */
export const PARTS = ".parts";

/** What a variant's files must be, by the registry and then by the locks. */
export function expectVariant(
  home: string,
  pins: Pins,
  entry: ModelEntry,
  variant: ModelVariant,
): ExpectedVariant {
  const pinned = pins.of(entry.key, variant);
  const files = variantFiles(entry, variant).map((file) => {
    const row = pinned.get(file.path);
    const pin = file.sha256 === undefined || file.sha256 === row?.sha256 ? row : undefined;
    return { file, sha256: file.sha256 ?? pin?.sha256, size: file.size ?? pin?.size, pin };
  });
  const known = files.flatMap(({ file, sha256 }) =>
    sha256 === undefined ? [] : [{ path: file.path, sha256 }],
  );
  const folder = known.length === files.length ? variantFolder(home, entry.key, variant, known) : undefined;
  return { entry, variant, files, folder };
}

/**
 * Where a model's downloads by address lie while they are not whole: the next `add` goes on with what is there, so the
 * folder outlives the one that made it. Whoever works in it holds the model's lock.
 */
export function partsFolder(home: string, key: string): string {
  return join(modelFolder(home, key), PARTS);
}

/** The folders below `folder`; none when it does not exist. */
export async function subfolders(folder: string): Promise<string[]> {
  const items = await unlessMissing(readdir(folder, { withFileTypes: true }), []);
  return items.filter((item) => item.isDirectory()).map((item) => join(folder, item.name));
}

/** Removes a folder that holds nothing; one that does not exist or holds something stays as it is. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (cause) {
    if (!isSystemError(cause, "ENOENT", "ENOTEMPTY", "EEXIST")) throw cause;
  }
}

/** The keys of which the store has a folder, or a lock, or its draft, that somebody holds or has left. */
export async function modelKeys(home: string): Promise<string[]> {
  const items = await unlessMissing(readdir(join(home, "models"), { withFileTypes: true }), []);
  // Anything else, such as what a file manager leaves, is not the store's.
  const names = items.flatMap((item) => (item.isDirectory() ? item.name : (nameOfLock(item.name) ?? [])));
  return [...new Set(names.filter(isKey))].sort();
}

/** Takes the folder out of sight by one rename first: whoever looks sees all of it or none. */
export async function removeFolder(folder: string): Promise<number> {
  // A variant whose files all lie in the hub's cache may have lost its record, and with it its folder.
  const size = await unlessMissing(folderSize(folder), undefined);
  if (size === undefined) return 0;
  const aside = join(
    folder,
    "..",
    `.removed-${basename(folder).slice(0, 8)}-${randomBytes(4).toString("hex")}`,
  );
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true });
  return size;
}

/** Bytes of all files below a folder. */
export async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (item.isFile()) size += (await stat(join(item.parentPath, item.name))).size;
  }
  return size;
}
