import { mkdir, realpath, rename, rm } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { isSystemError } from "./files.ts";
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

/**
 * Moves a damaged file out of the way of whoever would load it, and says where it lies now. Its bytes stay, for
 * whoever wants to know what happened; `patina model prune` deletes them.
 *
 * In the hub's cache it is the blob that is damaged, so it is moved among the blobs; the link goes, because Python's
 * tools would take one that leads somewhere for the file.
 */
export async function setAside(location: string, sha256: string): Promise<string> {
  const mark = `${DAMAGED_MARK}${sha256.slice(0, 12)}`;
  const repo = hubRepoFolder(location);
  if (repo === undefined) return move(location, `${location}${mark}`);
  const bytes = await realpath(location);
  const blobs = join(repo, "blobs");
  const isOurs = bytes.startsWith((await realpath(repo)) + sep);
  // A link that somebody made out of the cache: what lies at its end is not this cache's to move.
  const aside = isOurs ? join(blobs, `${basename(bytes)}${mark}`) : bytes;
  await mkdir(blobs, { recursive: true });
  if (isOurs) await move(bytes, aside);
  await rm(location, { force: true });
  return aside;
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
