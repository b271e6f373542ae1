import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { PatinaError } from "@patina/core";
import type { FileDigests } from "./file-hash.ts";

/** What the thread is started with. */
export interface BlockThreadData {
  /** Where the bytes are: shared, so that none is copied on its way to the thread. */
  readonly memory: SharedArrayBuffer;
  readonly gitSize: number | undefined;
}

/** Asks to write a part of the memory into an open file of this process. */
export interface WriteRequest {
  readonly kind: "write";
  readonly fd: number;
  readonly start: number;
  readonly length: number;
  /** Where in the file. */
  readonly position: number;
}

/** What the thread is asked; each request has one reply of its kind, in the same order. */
export type BlockRequest =
  | { readonly kind: "update"; readonly start: number; readonly length: number }
  | { readonly kind: "digest" }
  | WriteRequest;

/** What was written, and what the system said where that is not all: an error loses its code between threads. */
export interface WriteReply {
  readonly kind: "write";
  readonly written: number;
  readonly failure: { readonly message: string; readonly code: string | undefined } | undefined;
}

/** Says that the bytes may be written over, and what came of them. */
export type BlockReply =
  | { readonly kind: "update" }
  | { readonly kind: "digest"; readonly digests: FileDigests }
  | WriteReply;

interface Waiting {
  readonly resolve: (reply: BlockReply) => void;
  readonly reject: (error: PatinaError) => void;
}

/** Beside this file as a source and as a part of the built package: both have one folder and one extension. */
const PROGRAM = new URL(`./block-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * A thread that reads shared memory to digest it or to write it to a file: either takes about as long as receiving the
 * same bytes, and a write that went through the runtime's pool would wait for the main thread between any two pieces.
 * Whoever makes one closes it; it holds the process until then.
 */
export class BlockThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: PatinaError | undefined;

  constructor(data: BlockThreadData) {
    this.#worker = new Worker(PROGRAM, { workerData: data });
    this.#worker.on("message", (reply: BlockReply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on("error", (cause) => this.#fail(cause));
    this.#worker.on("exit", (code) => this.#fail(new Error(`it ended with ${code}`)));
  }

  /** Digests a part of the memory; until this resolves the part must stay as it is. */
  async update(start: number, length: number): Promise<void> {
    await this.#ask({ kind: "update", start, length });
  }

  /** The digests of all that was given to {@link update}. */
  async digest(): Promise<FileDigests> {
    return (await this.#ask({ kind: "digest" })).digests;
  }

  /** Writes a part of the memory, which must stay as it is until this resolves, and so must the file stay open. */
  write(request: Omit<WriteRequest, "kind">): Promise<WriteReply> {
    return this.#ask({ kind: "write", ...request });
  }

  /** Ends the thread; what it still had to do rejects. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask<R extends BlockRequest>(request: R): Promise<Extract<BlockReply, { kind: R["kind"] }>> {
    const reply = await new Promise<BlockReply>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
    // Replies come in the order of the requests, each of its request's kind.
    return reply as Extract<BlockReply, { kind: R["kind"] }>;
  }

  #fail(cause: unknown): void {
    this.#failure ??= threadError(cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function threadError(cause: unknown): PatinaError {
  const file = fileURLToPath(PROGRAM);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PatinaError(
    "IO",
    `a thread that digests or writes a download failed: ${reason}. Its program is ${file}; have that file there and ` +
      "run the same command again, which goes on where this one ended",
    { file, cause },
  );
}
