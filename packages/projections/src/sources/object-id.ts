import { createHash } from "node:crypto";

/**
 * The name that git gives to a file with these bytes: a file that is as it was committed has the fingerprint of what was
 * committed, whether or not git had to be asked.
 *
 * @param like another name of the repository, which tells its hash: SHA-1 or SHA-256
 */
export function blobId(bytes: Buffer, like: string): string {
  return createHash(like.length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}

/** Whether the bytes are the blob, or were, before a checkout wrote their line breaks as CRLF. */
export function isBlob(bytes: Buffer, id: string): boolean {
  if (blobId(bytes, id) === id) return true;
  if (!bytes.includes("\r\n")) return false;
  return blobId(Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1"), id) === id;
}
