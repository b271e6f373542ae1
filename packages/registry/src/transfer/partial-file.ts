import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { abortedError, PatinaError } from "@patina/core";
import { isSystemError, type MeasuredFile } from "../files.ts";

/** As much may wait for the disk before the network has to wait too: enough to keep both busy, little beside a model. */
const MOST_WAITING = 4 << 20;
/** Bytes of a read when a part on disk is digested. */
const READ_SIZE = 1 << 20;

/** What was computed of a whole file. */
export interface PartialDigest extends MeasuredFile {
  /** The name git gives these bytes; only where the size was known beforehand, since it goes in first. */
  readonly gitSha1: string | undefined;
}

/**
 * A file that grows at its end and is digested meanwhile. Chunks go to the disk as soon as it is free, together where
 * several wait: what a killed process had received is on disk but for what the last write held.
 */
export class PartialFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #gitSize: number | undefined;
  #sha256: Hash = createHash("sha256");
  #sha1: Hash | undefined;
  #size = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #written = 0;
  #writing: Promise<void> | undefined;
  #failure: { cause: unknown } | undefined;

  private constructor(path: string, handle: FileHandle, gitSize: number | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#gitSize = gitSize;
    this.#begin();
  }

  /** Opens the file, and digests what an earlier attempt left in it. With `gitSize` git's digest is computed as well. */
  static async open(
    path: string,
    gitSize: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PartialFile> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, "a+").then(async (made) => {
      // Not in append mode from here on: a file cut to nothing has to be written from its beginning.
      await made.close();
      return open(path, "r+");
    });
    const file = new PartialFile(path, handle, gitSize);
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE, signal })) {
        file.#digest(chunk as Buffer);
        file.#size += (chunk as Buffer).length;
      }
      file.#written = file.#size;
    } catch (cause) {
      await handle.close();
      if (signal?.aborted) throw abortedError(signal);
      throw cause;
    }
    return file;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes a chunk. A promise comes back only where so much waits for the disk that the sender has to wait too. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    // After a failed write nothing more may follow it: the file would have a hole.
    if (this.#failure !== undefined) throw this.#diskError(this.#failure.cause);
    this.#digest(chunk);
    this.#size += chunk.length;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#writing ??= this.#write();
    return this.#waitingBytes > MOST_WAITING ? this.flush() : undefined;
  }

  /** Returns when all that was added is written. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#diskError(this.#failure.cause);
  }

  /** Forgets all there is: the next chunk is the file's first. */
  async restart(): Promise<void> {
    await this.flush();
    await this.#handle.truncate(0);
    this.#size = 0;
    this.#written = 0;
    this.#begin();
  }

  /** Has the file on the disk for good and says what it is. */
  async finish(): Promise<PartialDigest> {
    await this.flush();
    await this.#handle.sync();
    const { mtimeNs } = await this.#handle.stat({ bigint: true });
    return {
      ...{ size: this.#size, sha256: this.#sha256.digest("hex"), mtimeNs: `${mtimeNs}` },
      gitSha1: this.#sha1?.digest("hex"),
    };
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  #begin(): void {
    this.#sha256 = createHash("sha256");
    this.#sha1 = this.#gitSize === undefined ? undefined : gitHash(this.#gitSize);
  }

  #digest(chunk: Uint8Array): void {
    this.#sha256.update(chunk);
    this.#sha1?.update(chunk);
  }

  /** Writes until nothing waits. A failure is kept for the next call that can throw it. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        let chunks = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        while (chunks.length > 0) {
          const { bytesWritten } = await this.#handle.writev(chunks, this.#written);
          this.#written += bytesWritten;
          chunks = rest(chunks, bytesWritten);
        }
      }
    } catch (cause) {
      this.#failure = { cause };
    } finally {
      this.#writing = undefined;
    }
  }

  #diskError(cause: unknown): PatinaError {
    const full = isSystemError(cause, "ENOSPC", "EDQUOT");
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = full ? "free some space and run the same command again" : reason;
    return new PatinaError(
      "IO",
      `${full ? "the disk is full" : "cannot write"}: ${this.path} holds ${this.#written} bytes so far; ${advice}`,
      { file: this.path, cause },
    );
  }
}

/** The digest by which git names a file of this size: a header with the size goes first, the bytes follow. */
export function gitHash(size: number): Hash {
  return createHash("sha1").update(`blob ${size}\0`);
}

/** What is left of some chunks when so many of their bytes are written. */
function rest(chunks: Uint8Array[], written: number): Uint8Array[] {
  let passed = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (passed + chunk.length > written)
      return [chunk.subarray(written - passed), ...chunks.slice(index + 1)];
    passed += chunk.length;
  }
  return [];
}
