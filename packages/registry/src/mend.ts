import { isPatinaError, PatinaError } from "@patina/core";
import { type CheckedFile, wrongDigest } from "./check.ts";
import { type DamagedFile, setAside } from "./set-aside.ts";
import type { ExpectedVariant } from "./store.ts";

/** Moves a file with a wrong digest aside; where that cannot be done, the file is an `INTEGRITY` error. */
export async function moveDamaged(
  { entry }: ExpectedVariant,
  { expected }: CheckedFile,
  file: string,
  found: string,
): Promise<DamagedFile> {
  const digest = expected.sha256 ?? "unknown";
  try {
    return { file, aside: await setAside(file, found), expected: digest, found };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatinaError(
      "INTEGRITY",
      `${wrongDigest(file, digest, found)}. It could not be moved aside (${reason}); delete it and run the same again`,
      { file, key: entry.key, expected: digest, found, cause },
    );
  }
}

/** The error where a file was damaged and no source gave it again. */
export function stillDamaged({ entry }: ExpectedVariant, damaged: DamagedFile, cause: unknown): PatinaError {
  const { file, aside, expected, found } = damaged;
  if (isPatinaError(cause, "ABORTED")) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PatinaError(
    "INTEGRITY",
    `${wrongDigest(file, expected, found)}. It was moved aside to ${aside} and could not be fetched again: ${reason}`,
    { file, key: entry.key, expected, found, cause },
  );
}
