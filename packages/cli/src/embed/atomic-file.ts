import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PatinaError } from "@patina/core";

/**
 * A file that appears whole or not at all: written beside its place under another name, then renamed. Closing
 * without {@link commit} leaves nothing behind.
 */
export class AtomicFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #target: string;
  #open = true;
  #committed = false;

  private constructor(handle: FileHandle, temporary: string, target: string) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#target = target;
  }

  /** @throws PatinaError `IO` when the place is no regular file or its folder cannot be written. */
  static async create(path: string): Promise<AtomicFile> {
    const target = await followLink(path);
    const found = await stat(target).catch(ignoreMissing);
    if (found && !found.isFile()) {
      throw new PatinaError("IO", `${path} is no regular file: name one for --output`, { file: path });
    }
    // A name that nobody can foresee, and only where nothing is: in a shared folder a link may lie in wait.
    const temporary = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.partial`);
    try {
      return new AtomicFile(await open(temporary, "wx", found?.mode), temporary, target);
    } catch (cause) {
      throw new PatinaError("IO", `cannot write ${path}: ${(cause as Error).message}`, { file: path, cause });
    }
  }

  /** Appends. */
  async write(data: string | Uint8Array): Promise<void> {
    // `writeFile` on a handle goes on where the last one ended, and writes all of it.
    await this.#handle.writeFile(data);
  }

  /** Overwrites the beginning of the file. */
  async overwriteStart(data: Uint8Array): Promise<void> {
    await this.#handle.write(data, 0, data.length, 0);
  }

  /** Puts the file in its place, in one step. */
  async commit(): Promise<void> {
    await this.#handle.sync();
    await this.#close();
    await rename(this.#temporary, this.#target);
    this.#committed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    if (!this.#committed) await rm(this.#temporary, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#open) await this.#handle.close();
    this.#open = false;
  }
}

/** Renaming onto a link would replace the link and not what it points to. */
async function followLink(path: string): Promise<string> {
  return (await realpath(path).catch(ignoreMissing)) ?? path;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
