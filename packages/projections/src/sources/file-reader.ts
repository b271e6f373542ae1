import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { SkipReason } from "./passage.ts";

/** A text file of a person's making is smaller: 1 MiB is some 25,000 lines. */
export const MAX_FILE_BYTES: number = 1024 * 1024;

/** What reading a tracked path came to. */
export type ReadResult =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "skipped"; readonly reason: SkipReason }
  | { readonly kind: "unreadable"; readonly reason: string };

/**
 * Reads files below a directory and never outside of it: no symbolic link is followed, neither the file nor a
 * folder above it, whatever git's index says the path is. Devices and pipes are not waited for.
 */
export class FileReader {
  readonly #root: string;
  /** Folders (relative) that were looked at, and whether a symbolic link is on the way to them. */
  readonly #linked = new Map<string, boolean>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(directory: string): Promise<FileReader> {
    return new FileReader(await realpath(directory));
  }

  /** Reads `path` (with `/`, relative to the directory) if it is a file of at most `limit` bytes. */
  async read(path: string, limit: number = MAX_FILE_BYTES): Promise<ReadResult> {
    const absolute = join(this.#root, path);
    let handle: FileHandle | undefined;
    try {
      if (await this.#isLinked(path.slice(0, Math.max(0, path.lastIndexOf("/")))))
        return { kind: "skipped", reason: "symlink" };
      handle = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const status = await handle.stat();
      if (!status.isFile()) return { kind: "unreadable", reason: "is not a plain file" };
      if (status.size > limit) return { kind: "skipped", reason: "oversized" };
      if (status.size === 0) return { kind: "skipped", reason: "empty" };
      return { kind: "read", bytes: await readAtMost(handle, status.size) };
    } catch (error) {
      return failure(error as NodeJS.ErrnoException);
    } finally {
      await handle?.close();
    }
  }

  /** Looked up folder by folder: real paths cannot be compared where a system folds case or accents. */
  async #isLinked(folder: string): Promise<boolean> {
    if (folder === "") return false;
    const known = this.#linked.get(folder);
    if (known !== undefined) return known;
    const parent = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    const linked = (await this.#isLinked(parent)) || (await lstat(join(this.#root, folder))).isSymbolicLink();
    this.#linked.set(folder, linked);
    return linked;
  }
}

/** The size is as it was when the file was opened; what is appended meanwhile is left for the next time. */
async function readAtMost(handle: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(buffer, length, size - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function failure(error: NodeJS.ErrnoException): ReadResult {
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return { kind: "skipped", reason: "missing" };
    case "ELOOP":
    case "EMLINK":
      return { kind: "skipped", reason: "symlink" };
    case "EACCES":
    case "EPERM":
      return { kind: "unreadable", reason: "permission denied" };
    default:
      return { kind: "unreadable", reason: error.code ?? error.message };
  }
}
