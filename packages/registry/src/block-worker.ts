/** The thread of a `BlockThread`: digests or writes the parts of the shared memory it is told of, in that order. */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { BlockReply, BlockRequest, BlockThreadData, WriteRequest } from "./block-thread.ts";
import { FileHash } from "./file-hash.ts";

/**
 * Of one write. Linux takes pages as large as the write for its cache, and large ones are scarce: with 2 MiB a file took
 * up to three times the system time.
 */
const WRITE_BYTES = 64 << 10;

if (parentPort === null) throw new Error("block-worker is no program of its own: a BlockThread starts it");
const port = parentPort;
const { memory, gitSize } = workerData as BlockThreadData;
const hash = new FileHash(gitSize);

port.on("message", (request: BlockRequest) => port.postMessage(answer(request)));

function answer(request: BlockRequest): BlockReply {
  if (request.kind === "digest") return { kind: "digest", digests: hash.digest() };
  if (request.kind === "write") return write(request);
  hash.update(new Uint8Array(memory, request.start, request.length));
  return { kind: "update" };
}

/** Writes as much as can be written; why it is not all goes with the count, since the file has the rest of it. */
function write({ fd, start, length, position }: WriteRequest): BlockReply {
  const bytes = new Uint8Array(memory, start, length);
  let written = 0;
  try {
    while (written < length) {
      const most = Math.min(WRITE_BYTES, length - written);
      written += writeSync(fd, bytes, written, most, position + written);
    }
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    return { kind: "write", written, failure: { message, code } };
  }
  return { kind: "write", written, failure: undefined };
}
