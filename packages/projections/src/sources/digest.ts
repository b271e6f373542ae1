import { createHash } from "node:crypto";

/** SHA-256 (hex) over a value as JSON, so that no two lists of fields read alike. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
