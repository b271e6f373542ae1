import { mkdir, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { PatinaError } from "@patina/core";
import { isSystemError, unlessMissing } from "./files.ts";
import { hubRepoFolder } from "./location.ts";

/** In the name of a file that was found damaged and moved aside; what follows is the beginning of its digest. */
export const DAMAGED_MARK = ".damaged-";

/** A file that was not what it must be, and was moved out of the way. */
export interface DamagedFile {
  /** Where it was found. */
  readonly file: string;
  /** Where it lies now. */
  readonly aside: string;
  /** A digest, as {@link DamagedFile.found} is. */
  readonly expected: string;
  readonly found: string;
}

/** A file whose bytes are not what they must be, where it was found. */
export type WrongFile = Omit<DamagedFile, "aside">;

/**
 * Moves a damaged file out of the way of whoever would load it, and says where it lies now. Its bytes stay, for
 * whoever wants to know what happened; `patina model prune` deletes them.
 *
 * In the hub's cache it is the blob that is damaged, so it is moved among the blobs; the link goes, because Python's
 * tools would take one that leads somewhere for the file.
 *
 * @param within - The folders that this may act in: the model's in the store, the hub's cache.
 * @throws PatinaError `INTEGRITY` for a file that lies elsewhere, by itself or through a link; nothing is moved then.
 */
export async function setAside(
  { file: location, expected, found }: WrongFile,
  within: readonly string[],
): Promise<string> {
  const bytes = await realpath(location);
  for (const place of [bytes, await realpath(dirname(location))]) {
    if (await liesIn(place, within)) continue;
    throw new PatinaError(
      "INTEGRITY",
      `${location} is damaged or leads to another file: expected ${expected}, found ${found}. It lies at ${bytes}, ` +
        `outside of ${within.join(" and ")}, so it was not touched; delete it, and run the same again`,
      { file: location, expected, found },
    );
  }
  const mark = `${DAMAGED_MARK}${found.slice(0, 12)}`;
  const repo = hubRepoFolder(location);
  if (repo === undefined) return move(location, `${location}${mark}`);
  const blobs = join(repo, "blobs");
  await mkdir(blobs, { recursive: true });
  const aside = await move(bytes, join(blobs, `${basename(bytes)}${mark}`));
  await rm(location, { force: true });
  return aside;
}

/** Whether a real path is in one of these folders, which may be reached through links themselves. */
async function liesIn(path: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const real = await unlessMissing(realpath(folder), undefined);
    if (real !== undefined && `${path}${sep}`.startsWith(real + sep)) return true;
  }
  return false;
}

async function move(from: string, to: string): Promise<string> {
  try {
    await rename(from, to);
  } catch (cause) {
    // Another process that met the same damage was quicker.
    if (!isSystemError(cause, "ENOENT")) throw cause;
  }
  return to;
}
