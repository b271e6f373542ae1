import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isPatinaError, PatinaError } from "@patina/core";

/** Waits until what was written to a file is on the disk, not only in the system's memory. */
export function syncFile(file: string): void {
  withFile(file, "r+", fsyncSync);
}

/** Waits until the names in a directory (new files, renames) are on the disk. */
export function syncDirectory(directory: string): void {
  withFile(directory, "r", fsyncSync);
}

/** Writes a file that did not exist, down to the disk. */
export function writeNewFile(file: string, text: string): void {
  withFile(file, "wx", (descriptor) => {
    const bytes = Buffer.from(text, "utf8");
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  });
}

/** Does something with an open file; its name is in what goes wrong. */
function withFile(file: string, flags: string, act: (descriptor: number) => void): void {
  try {
    const descriptor = openSync(file, flags, 0o600);
    try {
      act(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, file, "write");
  }
}

/** Replaces a text file by rename: a reader sees the old text or the new one, never a part. */
export function replaceFile(file: string, text: string): void {
  const aside = `${file}.tmp-${process.pid}-${crypto.randomUUID()}`;
  writeNewFile(aside, text);
  try {
    renameSync(aside, file);
  } catch (error) {
    throw fileError(error, file, "replace");
  }
  syncDirectory(dirname(file));
}

/** Names the file in an error of the file system; other errors pass through as they are. */
export function fileError(error: unknown, file: string, doing: string): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string" || isPatinaError(error)) return error;
  const advice = ADVICE[code] ?? "check that the path can be read and written";
  return new PatinaError("IO", `could not ${doing} ${file} (${code}): ${advice}`, { file, cause: error });
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and run it again, what is already embedded is kept",
  EDQUOT: "the disk quota is used up; free some space and run it again, what is already embedded is kept",
  EACCES: "the permission is missing",
  EPERM: "the permission is missing",
  EROFS: "the file system is mounted read-only; index a writable checkout",
  ENOENT: "it does not exist",
};
