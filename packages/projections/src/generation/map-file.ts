import { readFileSync, statSync } from "node:fs";

/** What a system says where a file may be read and not written. */
const NOT_WRITABLE = new Set(["EROFS", "EACCES", "EPERM"]);

/**
 * The bytes of a file, mapped into memory; the mapping is private and goes with its last reference, also when the file was
 * removed before. Bun opens a file for writing even to map it privately: in a read-only checkout the bytes are read instead.
 */
export function mapFile(path: string): Uint8Array {
  // An empty file cannot be mapped.
  if (statSync(path).size === 0) return new Uint8Array(0);
  try {
    return Bun.mmap(path, { shared: false });
  } catch (error) {
    if (!NOT_WRITABLE.has((error as { code?: string }).code ?? "")) throw error;
    const bytes = readFileSync(path);
    // As numbers are laid over it, it has to begin where one may.
    return bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  }
}
