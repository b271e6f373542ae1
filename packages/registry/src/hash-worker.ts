/** The thread of a `HashThread`: digests the parts of the shared memory it is told of, in that order. */
import { parentPort, workerData } from "node:worker_threads";
import { FileHash } from "./file-hash.ts";
import type { HashReply, HashRequest, HashThreadData } from "./hash-thread.ts";

if (parentPort === null) throw new Error("hash-worker is no program of its own: a HashThread starts it");
const port = parentPort;
const { memory, gitSize } = workerData as HashThreadData;
const hash = new FileHash(gitSize);

port.on("message", (request: HashRequest) => {
  if (request.kind === "update") hash.update(new Uint8Array(memory, request.start, request.length));
  const digests = request.kind === "digest" ? hash.digest() : undefined;
  port.postMessage({ digests } satisfies HashReply);
});
