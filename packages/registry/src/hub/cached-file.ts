import { basename } from "node:path";
import { PatinaError } from "@patina/core";
import { gitHash } from "../file-hash.ts";
import { digestFile, type FileDigest, type MeasuredFile } from "../files.ts";
import { fileState } from "../record.ts";
import { type DamagedFile, setAside, type WrongFile } from "../set-aside.ts";
import { linkedBlob } from "./layout.ts";
import type { HubSettings } from "./settings.ts";

/** What is known of a file before it is read. */
export interface KnownDigests {
  readonly sha256?: string | undefined;
  readonly gitSha1?: string | undefined;
}

/** What was found at a place of the cache. */
export type CachedFile =
  | { readonly state: "missing" }
  | { readonly state: "right"; readonly digest: MeasuredFile }
  /** Nothing says what its bytes should be. */
  | { readonly state: "unknown"; readonly digest: MeasuredFile }
  | ({ readonly state: "damaged" } & WrongFile);

/**
 * Reads a file of the cache, whoever put it there, and holds it against its blob's name, which is a digest, and where it
 * is no blob or named otherwise, against what is known from elsewhere.
 */
export async function readCached(
  location: string,
  known: KnownDigests,
  signal: AbortSignal | undefined,
): Promise<CachedFile> {
  const blob = await linkedBlob(location);
  const state = blob === undefined ? undefined : await fileState(blob);
  if (blob === undefined || state === undefined) return { state: "missing" };
  const { sha256, gitSha1 } = { ...known, ...namedDigest(blob === location ? "" : basename(blob)) };
  const digest = await digests(blob, gitSha1 === undefined ? undefined : state.size, signal);
  for (const [expected, found] of [
    [sha256, digest.sha256],
    [gitSha1, digest.gitSha1],
  ]) {
    if (expected !== undefined && found !== undefined && expected !== found) {
      return { state: "damaged", file: blob, expected, found };
    }
  }
  const named = sha256 !== undefined || gitSha1 !== undefined;
  const { size, sha256: found } = digest;
  return { state: named ? "right" : "unknown", digest: { size, sha256: found, mtimeNs: state.mtimeNs } };
}

/** Takes a damaged file out of the way; a name that is a digest must not stay on other bytes. */
export async function moveWrong(
  { cache }: Pick<HubSettings, "cache">,
  { file, expected, found }: WrongFile,
): Promise<DamagedFile> {
  return { file, expected, found, aside: await setAside({ file, expected, found }, [cache]) };
}

/** The error for a damaged file that cannot be fetched again. */
export function damagedError({ file, expected, found }: WrongFile, advice: string): PatinaError {
  return new PatinaError("INTEGRITY", `${file} is damaged: expected ${expected}, found ${found}. ${advice}`, {
    file,
    expected,
    found,
  });
}

/** What a blob's name says of its bytes: the SHA-256 of large-file storage or git's SHA-1. */
function namedDigest(name: string): KnownDigests {
  if (/^[0-9a-f]{64}$/.test(name)) return { sha256: name, gitSha1: undefined };
  if (/^[0-9a-f]{40}$/.test(name)) return { sha256: undefined, gitSha1: name };
  return {};
}

async function digests(
  file: string,
  gitSize: number | undefined,
  signal: AbortSignal | undefined,
): Promise<FileDigest & { gitSha1: string | undefined }> {
  const sha1 = gitSize === undefined ? undefined : gitHash(gitSize);
  const digest = await digestFile(file, signal, (chunk) => sha1?.update(chunk));
  return { ...digest, gitSha1: sha1?.digest("hex") };
}
