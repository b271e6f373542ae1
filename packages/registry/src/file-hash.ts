import { createHash, type Hash } from "node:crypto";

/** What was computed of a whole file, in lower-case hexadecimal. */
export interface FileDigests {
  readonly sha256: string;
  /** The name git gives these bytes; only where the size was known beforehand, since it goes in first. */
  readonly gitSha1: string | undefined;
}

/** The digests by which a file of the hub is known. */
export class FileHash {
  readonly #sha256: Hash = createHash("sha256");
  readonly #sha1: Hash | undefined;

  /** With `gitSize`, the size of the whole file, git's digest is computed as well. */
  constructor(gitSize: number | undefined) {
    this.#sha1 = gitSize === undefined ? undefined : gitHash(gitSize);
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#sha1?.update(bytes);
  }

  /** Ends it: nothing can be added afterwards. */
  digest(): FileDigests {
    return { sha256: this.#sha256.digest("hex"), gitSha1: this.#sha1?.digest("hex") };
  }
}

/** The digest by which git names a file of this size: a header with the size goes first, the bytes follow. */
export function gitHash(size: number): Hash {
  return createHash("sha1").update(`blob ${size}\0`);
}
