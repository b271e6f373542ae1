import { fileError } from "./durable-files.ts";
import { damaged, type ManifestFile } from "./manifest.ts";
import { mapFile } from "./map-file.ts";

/** XXH3 of bytes as a manifest has it: 16 hexadecimal digits. */
export function xxh3(bytes: Uint8Array): string {
  return Bun.hash.xxHash3(bytes).toString(16).padStart(16, "0");
}

/** Size and digest of a file. */
export function measureFile(path: string): ManifestFile {
  const bytes = mapBytes(path);
  return { bytes: bytes.length, xxh3: xxh3(bytes) };
}

/** Throws `INTEGRITY` when a file is not what its manifest says. */
export function verifyFile(path: string, expected: ManifestFile): void {
  const bytes = mapBytes(path);
  if (bytes.length !== expected.bytes) {
    throw damaged(path, `it has ${bytes.length} bytes, the manifest says ${expected.bytes}`);
  }
  const found = xxh3(bytes);
  if (expected.xxh3 !== found)
    throw damaged(path, `its digest is ${found}, the manifest says ${expected.xxh3}`);
}

function mapBytes(path: string): Uint8Array {
  try {
    return mapFile(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") throw damaged(path, "it is missing", error);
    throw fileError(error, path, "read");
  }
}
