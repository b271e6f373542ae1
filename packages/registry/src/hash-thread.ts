import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { PatinaError } from "@patina/core";
import type { FileDigests } from "./file-hash.ts";

/** What the thread is started with. */
export interface HashThreadData {
  /** Where the bytes are: shared, so that none is copied on its way to the thread. */
  readonly memory: SharedArrayBuffer;
  readonly gitSize: number | undefined;
}

/** What the thread is asked; each request has one reply, in the same order. */
export type HashRequest =
  | { readonly kind: "update"; readonly start: number; readonly length: number }
  | { readonly kind: "digest" };

/** The digests where they were asked for; else that the bytes may be written over. */
export interface HashReply {
  readonly digests: FileDigests | undefined;
}

interface Waiting {
  readonly resolve: (reply: HashReply) => void;
  readonly reject: (error: PatinaError) => void;
}

/** Beside this file as a source and as a part of the built package: both have one folder and one extension. */
const PROGRAM = new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * A `FileHash` on a thread of its own, which reads shared memory: SHA-256 takes about as long as receiving the same
 * bytes. Whoever makes one closes it; it holds the process until then.
 */
export class HashThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: PatinaError | undefined;

  constructor(data: HashThreadData) {
    this.#worker = new Worker(PROGRAM, { workerData: data });
    this.#worker.on("message", (reply: HashReply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on("error", (cause) => this.#fail(cause));
    this.#worker.on("exit", (code) => this.#fail(new Error(`it ended with ${code}`)));
  }

  /** Digests a part of the memory; until this resolves the part must stay as it is. */
  async update(start: number, length: number): Promise<void> {
    await this.#ask({ kind: "update", start, length });
  }

  /** The digests of all that was given. */
  async digest(): Promise<FileDigests> {
    const { digests } = await this.#ask({ kind: "digest" });
    if (digests === undefined) throw threadError(new Error("it answers another question"));
    return digests;
  }

  /** Ends the thread; what it still had to do rejects. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: HashRequest): Promise<HashReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
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
    `the thread that digests a download failed: ${reason}. Its program is ${file}; have that file there and run the ` +
      "same command again, which goes on where this one ended",
    { file, cause },
  );
}
