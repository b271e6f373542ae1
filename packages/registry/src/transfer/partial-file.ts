import { type FileHandle, lstat, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";
import { BlockThread } from "../block-thread.ts";
import { type FileDigests, FileHash } from "../file-hash.ts";
import { ioError, type MeasuredFile } from "../files.ts";
import { type Block, Blocks } from "./blocks.ts";
import { diskError, openOwn, removeOther } from "./own-file.ts";

/** So much is written before the disk is told to begin: at the end little is left to wait for. */
const SYNC_BYTES = 64 << 20;

interface Threads {
  readonly hasher: BlockThread;
  readonly writer: BlockThread;
}

/** What was computed of a whole file. */
export interface PartialDigest extends MeasuredFile, FileDigests {}

/**
 * A file that grows at its end and is digested meanwhile. Bytes go to the disk as soon as it is free: what a killed
 * process had received is on disk but for what its blocks held. Receiving, digesting and writing each have a thread; a
 * file that fits into one block has no need of the other two.
 */
export class PartialFile {
  readonly path: string;
  #handle: FileHandle;
  readonly #gitSize: number | undefined;
  #blocks = new Blocks();
  /** Those that digest and write, from the first full block on. */
  #threads: Threads | undefined;
  /** Chunks for which no block was free. */
  #waiting: Uint8Array[] = [];
  #size = 0;
  #written = 0;
  #synced = 0;
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #failure: PatinaError | undefined;
  /** Called at the next step forward, or failure. */
  #listeners: (() => void)[] = [];

  private constructor(path: string, handle: FileHandle, gitSize: number | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#gitSize = gitSize;
  }

  /** Opens the file, and digests what an earlier attempt left in it. With `gitSize` git's digest is computed as well. */
  static async open(
    path: string,
    gitSize: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PartialFile> {
    await mkdir(dirname(path), { recursive: true });
    await removeOther(path);
    const handle = await openOwn(path);
    const file = new PartialFile(path, handle, gitSize);
    try {
      await file.#read(signal);
    } catch (cause) {
      await file.close();
      throw cause;
    }
    return file;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes a chunk. A promise comes back only where so much waits for the disk or the digest that the sender has to wait
   * too.
   */
  add(chunk: Uint8Array): Promise<void> | undefined {
    // After a failed write nothing more may follow it: the file would have a hole.
    if (this.#failure !== undefined) throw this.#failure;
    this.#size += chunk.length;
    this.#waiting.push(chunk);
    this.#advance();
    return this.#waiting.length > 0 ? this.#until(() => this.#waiting.length === 0) : undefined;
  }

  /** Returns when all that was added is written. */
  flush(): Promise<void> {
    return this.#until(() => this.#written === this.#size);
  }

  /** Forgets all there is: the next chunk is the file's first. */
  async restart(): Promise<void> {
    await this.flush();
    await this.#syncing;
    // Another process may have taken this one for dead and have put the file in place: that stays as it is.
    await rm(this.path, { force: true });
    const handle = await openOwn(this.path);
    await this.#handle.close();
    this.#handle = handle;
    await this.#closeThreads();
    this.#blocks = new Blocks();
    this.#size = 0;
    this.#written = 0;
    this.#synced = 0;
  }

  /** Has the file on the disk for good and says what it is. */
  async finish(): Promise<PartialDigest> {
    await this.flush();
    const digests = await this.#digest();
    await this.#syncing;
    await this.#sync();
    if (this.#failure !== undefined) throw this.#failure;
    return { size: this.#size, mtimeNs: await this.#checkPlace(), ...digests };
  }

  /**
   * What is at the path now has to be the file that was written and digested: it is what will be moved into place. Gives
   * its time of change.
   */
  async #checkPlace(): Promise<string> {
    const [own, there] = await Promise.all([
      this.#handle.stat({ bigint: true }),
      lstat(this.path, { bigint: true }).catch(() => undefined),
    ]);
    if (own.ino === there?.ino && own.dev === there.dev) return `${own.mtimeNs}`;
    throw new PatinaError(
      "IO",
      `${this.path} was taken away while it was written: another process holds the same download. Run the same command ` +
        "again; what arrived there is used",
      { file: this.path },
    );
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#syncing;
    await this.#closeThreads();
    await this.#handle.close();
  }

  async #read(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      const block = this.#blocks.open();
      if (block === undefined) {
        await this.#step();
        continue;
      }
      const { bytesRead } = await this.#handle
        .read(block.bytes, block.filled, block.bytes.length - block.filled, this.#size)
        .catch((cause: unknown) => {
          throw ioError("read", this.path, cause);
        });
      if (bytesRead === 0) break;
      block.filled += bytesRead;
      block.written = block.filled;
      this.#size += bytesRead;
      if (block.full) this.#hash(block);
    }
    this.#written = this.#size;
    this.#synced = this.#size;
  }

  /** Fills blocks with what waits, keeps the disk busy and tells those who wait for either. */
  #advance(): void {
    this.#blocks.release();
    for (let chunk = this.#waiting[0]; chunk !== undefined; chunk = this.#waiting[0]) {
      const block = this.#blocks.open();
      if (block === undefined) break;
      const taken = block.take(chunk);
      if (taken === chunk.length) this.#waiting.shift();
      else this.#waiting[0] = chunk.subarray(taken);
      if (block.full) this.#hash(block);
    }
    if (this.#failure === undefined && this.#blocks.unwritten() !== undefined)
      this.#writing ??= this.#write();
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Writes until there is nothing to write. */
  async #write(): Promise<void> {
    try {
      for (let block = this.#blocks.unwritten(); block !== undefined; block = this.#blocks.unwritten()) {
        await this.#writePart(block);
        if (this.#written - this.#synced >= SYNC_BYTES) this.#syncing ??= this.#sync();
        this.#advance();
      }
    } catch (cause) {
      this.#fail(diskError(this.path, this.#written, cause));
    } finally {
      this.#writing = undefined;
    }
  }

  /** Writes what a block holds and the file has not. */
  async #writePart(block: Block): Promise<void> {
    const from = block.written;
    const length = block.filled - from;
    const position = this.#written;
    const count = (written: number): void => {
      block.written += written;
      this.#written += written;
    };
    if (this.#threads === undefined) {
      const { bytesWritten } = await this.#handle.write(block.bytes, from, length, position);
      count(bytesWritten);
      return;
    }
    const part = { fd: this.#handle.fd, start: block.start + from, length, position };
    const { written, failure } = await this.#threads.writer.write(part);
    count(written);
    if (failure !== undefined) throw Object.assign(new Error(failure.message), { code: failure.code });
  }

  async #sync(): Promise<void> {
    const written = this.#written;
    try {
      await this.#handle.sync();
      this.#synced = written;
    } catch (cause) {
      this.#fail(diskError(this.path, this.#written, cause));
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Has a full block digested, by a thread that the first one starts. */
  #hash(block: Block): void {
    this.#threads ??= startThreads(this.#blocks.memory, this.#gitSize);
    const threads = this.#threads;
    threads.hasher.update(block.start, block.filled).then(
      () => {
        block.digested = true;
        this.#advance();
      },
      (error: PatinaError) => {
        // One that was sent away by a restart has nothing to say any more.
        if (threads === this.#threads) this.#fail(error);
      },
    );
  }

  async #digest(): Promise<FileDigests> {
    const tail = this.#blocks.tail();
    if (this.#threads === undefined) {
      const hash = new FileHash(this.#gitSize);
      if (tail !== undefined) hash.update(tail.bytes.subarray(0, tail.filled));
      return hash.digest();
    }
    if (tail !== undefined) await this.#threads.hasher.update(tail.start, tail.filled);
    return this.#threads.hasher.digest();
  }

  async #closeThreads(): Promise<void> {
    const threads = this.#threads;
    this.#threads = undefined;
    await Promise.all([threads?.hasher.close(), threads?.writer.close()]);
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) await this.#step();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Returns when something has moved on, and throws where it no longer can. */
  async #step(): Promise<void> {
    if (this.#failure === undefined) await new Promise<void>((resolve) => this.#listeners.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Keeps a failure for the next call that can throw it. */
  #fail(failure: PatinaError): void {
    this.#failure ??= failure;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

function startThreads(memory: SharedArrayBuffer, gitSize: number | undefined): Threads {
  return {
    hasher: new BlockThread({ memory, gitSize }),
    writer: new BlockThread({ memory, gitSize: undefined }),
  };
}
