import { isPatinaError, PatinaError } from "@patina/core";
import { type CheckedFile, wrongDigest } from "./check.ts";
import type { GatherJob } from "./gather.ts";
import { readCached } from "./hub/index.ts";
import { hubRepoFolder } from "./location.ts";
import { type DamagedFile, setAside } from "./set-aside.ts";
import { type ExpectedVariant, modelFolder } from "./store.ts";

/**
 * Moves a file with a wrong digest aside; where that cannot be done, the file is an `INTEGRITY` error.
 *
 * @throws PatinaError `INTEGRITY` as well where a file of the hub's cache is sound by the digest that is its name, and
 * only not the one that is wanted: other projects and Python's tools may use it, so it stays.
 */
export async function moveDamaged(
  job: Pick<GatherJob, "workspace" | "variant" | "signal">,
  { expected }: CheckedFile,
  file: string,
  found: string,
): Promise<DamagedFile> {
  const { workspace, variant, signal } = job;
  const { key } = variant.entry;
  const digest = expected.sha256 ?? "unknown";
  if (hubRepoFolder(file) !== undefined) {
    const cached = await readCached(file, {}, signal);
    if (cached.state === "right") throw otherFile(job, expected, file, cached.digest.sha256);
  }
  try {
    const wrong = { file, expected: digest, found };
    return {
      ...wrong,
      aside: await setAside(wrong, [modelFolder(workspace.home, key), workspace.hub.cache]),
    };
  } catch (cause) {
    if (isPatinaError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatinaError(
      "INTEGRITY",
      `${wrongDigest(file, digest, found)}. It could not be moved aside (${reason}); delete it and run the same again`,
      { file, key, expected: digest, found, cause },
    );
  }
}

function otherFile(
  { workspace, variant: { entry } }: Pick<GatherJob, "workspace" | "variant">,
  { file: { path, sha256 }, sha256: expected = "unknown" }: CheckedFile["expected"],
  file: string,
  found: string,
): PatinaError {
  const { key } = entry;
  const lock = workspace.locks.join(" or ");
  const [who, advice] =
    sha256 === undefined
      ? [
          lock,
          `restore the lock from version control, or take its rows of ${key} out and run \`patina model add ${key}\` again`,
        ]
      : ["the registry's entry", `correct the sha256 of ${path} in the entry of ${key}`];
  return new PatinaError(
    "INTEGRITY",
    `${file} is sound by its name in the hub's cache, but is not the file that ${who} wants: SHA-256 expected ` +
      `${expected}, found ${found}. Nothing was moved; ${advice}`,
    { file, key, expected, found },
  );
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
