import { constants } from "node:fs";
import { type FileHandle, lstat, open, rm } from "node:fs/promises";
import { isPatinaError, PatinaError } from "@patina/core";
import { ioError, isSystemError } from "../files.ts";

/** Opens the file to read and write, and makes it where it is not there; a link is never followed. */
export function openOwn(path: string): Promise<FileHandle> {
  // Windows has no such flag, and links there only for those who may do anything.
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  return open(path, flags, 0o666);
}

/** Removes what is at the path and no file of its own: in a shared cache somebody may have put a link there. */
export async function removeOther(path: string): Promise<void> {
  const found = await lstat(path).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT")) return undefined;
    throw ioError("look at", path, cause);
  });
  if (found !== undefined && !(found.isFile() && found.nlink === 1)) await rm(path);
}

/** What to say of a write that failed after so many bytes; an error that says it already stays as it is. */
export function diskError(file: string, written: number, cause: unknown): PatinaError {
  if (isPatinaError(cause)) return cause;
  const full = isSystemError(cause, "ENOSPC", "EDQUOT");
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = full ? "free some space and run the same command again" : reason;
  return new PatinaError(
    "IO",
    `${full ? "the disk is full" : "cannot write"}: ${file} holds ${written} bytes so far; ${advice}`,
    { file, cause },
  );
}
