import { randomBytes } from "node:crypto";
import { copyFile, lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { PatinaError } from "@patina/core";
import { isSystemError, readIfThere, writeAtomically } from "../files.ts";
import type { HubSettings } from "./settings.ts";

/**
 * The layout of the Hugging Face cache: `models--OWNER--NAME/` with `blobs/<etag>` (the bytes), `refs/<revision>` (which
 * commit a name stands for) and `snapshots/<commit>/<path>` (links into `blobs`); locks in `.locks/`.
 */

type Cache = Pick<HubSettings, "cache">;

/** What names one state of a repository for good. */
export const COMMIT: RegExp = /^[0-9a-f]{40}$/;

/** Where a repository's files are. */
export function repositoryFolder({ cache }: Cache, repo: string): string {
  return join(cache, repositoryName(repo));
}

/**
 * Where a file of a commit is, or would be; the disk is not looked at.
 *
 * @throws PatinaError `INVALID_INPUT` for what is no commit: joined into a path it could lead out of the cache.
 */
export function hubLocation(settings: Cache, repo: string, commit: string, path: string): string {
  if (!COMMIT.test(commit)) {
    throw new PatinaError(
      "INVALID_INPUT",
      `${JSON.stringify(commit)} is no commit of ${repo}; one has 40 lower-case hexadecimal digits`,
      { key: repo },
    );
  }
  return join(repositoryFolder(settings, repo), "snapshots", commit, ...path.split("/"));
}

/** Where the bytes with this digest are. */
export function blobFile(settings: Cache, repo: string, digest: string): string {
  return join(repositoryFolder(settings, repo), "blobs", digest);
}

/**
 * Where a blob grows. Python's clients write elsewhere (`<etag>.<random>.incomplete`, older ones `<etag>.incomplete`), so
 * whatever they do at the same time the two never write into one file; `.incomplete` has its tools know what this is.
 */
export function partialBlob(settings: Cache, repo: string, digest: string): string {
  return `${blobFile(settings, repo, digest)}${PARTIAL_MARK}`;
}

/** The end of every {@link partialBlob}. */
export const PARTIAL_MARK = ".patina.incomplete";

/** The {@link blobLock} of a {@link partialBlob}. */
export function partialLock(settings: Cache, partial: string): string {
  const repository = basename(dirname(dirname(partial)));
  return lockOf(settings, repository, basename(partial).slice(0, -PARTIAL_MARK.length));
}

/** The lock of a blob among processes of this project; beside Python's `<etag>.lock`, which works otherwise. */
export function blobLock(settings: Cache, repo: string, digest: string): string {
  return lockOf(settings, repositoryName(repo), digest);
}

/** The commit that a revision stands for, as far as the cache knows; a commit stands for itself. */
export async function cachedCommit(
  settings: Cache,
  repo: string,
  revision: string,
): Promise<string | undefined> {
  if (COMMIT.test(revision)) return revision;
  const bytes = await readIfThere(refFile(settings, repo, revision));
  const commit = bytes?.toString("utf8").trim();
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
}

/** Keeps which commit a revision stands for. */
export async function rememberCommit(
  settings: Cache,
  repo: string,
  revision: string,
  commit: string,
): Promise<void> {
  if ((await cachedCommit(settings, repo, revision)) === commit) return;
  await writeAtomically(refFile(settings, repo, revision), commit);
}

/**
 * Makes `location` show the blob, by a relative link as Python's are: the cache may be moved. Where links cannot be made
 * (Windows without its developer mode), the file itself goes there.
 */
export async function linkBlob(blob: string, location: string): Promise<void> {
  await mkdir(dirname(location), { recursive: true });
  const draft = join(dirname(location), `.${basename(location)}.${randomBytes(6).toString("hex")}`);
  try {
    await symlink(relative(dirname(location), blob), draft).catch((cause: unknown) => {
      if (!isSystemError(cause, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw cause;
      return copyFile(blob, draft);
    });
    await rename(draft, location);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
}

/** The blob that a file of a snapshot links to; the file itself where it is none; `undefined` where there is nothing. */
export async function linkedBlob(location: string): Promise<string | undefined> {
  try {
    if (!(await lstat(location)).isSymbolicLink()) return location;
    return resolve(dirname(location), await readlink(location));
  } catch (cause) {
    if (isSystemError(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw cause;
  }
}

function lockOf({ cache }: Cache, repository: string, digest: string): string {
  return join(cache, ".locks", repository, `${digest}.busy`);
}

function repositoryName(repo: string): string {
  return `models--${repo.replaceAll("/", "--")}`;
}

function refFile(settings: Cache, repo: string, revision: string): string {
  return join(repositoryFolder(settings, repo), "refs", ...revision.split("/"));
}
