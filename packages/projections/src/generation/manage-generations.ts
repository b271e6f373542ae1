import { statSync } from "node:fs";
import { join } from "node:path";
import { isPatinaError, PatinaError } from "@patina/core";
import {
  generationDirectory,
  generationNames,
  indexMissing,
  makeCurrent,
  readCurrent,
  removeLeftovers,
} from "./generations.ts";
import { type LocalPaths, localPaths, prepareLocalDirectory } from "./local-directory.ts";
import { MANIFEST, type Manifest, readManifest } from "./manifest.ts";
import { GENERATIONS_KEPT, previousOf, pruneOld } from "./prune-old.ts";
import { acquireRunLock } from "./run-lock.ts";
import { verifyGeneration } from "./verify.ts";

/** A generation on the disk. */
export interface GenerationInfo {
  readonly id: string;
  /** Whether searches open it. */
  readonly current: boolean;
  /** What made it and what it holds; null where its manifest cannot be read. */
  readonly manifest: Manifest | null;
  /** Size of its files. */
  readonly bytes: number;
  /** What is wrong with it; null where nothing was found. */
  readonly problem: string | null;
}

/** What {@link pruneGenerations} removed. */
export interface PrunedGenerations {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** Bytes that the removed ones took; where the file system shares blocks, less may be free. */
  readonly freed: number;
}

/** What became current, and in whose place. */
export interface GenerationChange {
  readonly id: string;
  readonly before: string | null;
}

/** The generations of a project, oldest first, by their manifests alone. */
export function listGenerations(root: string): GenerationInfo[] {
  const paths = localPaths(root);
  const current = currentOrNull(paths);
  return generationNames(paths).map((id) => info(paths, id, id === current, readManifest));
}

/**
 * One generation, checked whole: the digest of each file and what its tables hold.
 *
 * @param name its name or the beginning of it; the current one where absent
 * @throws `INDEX_MISSING` where there is none, `INVALID_INPUT` where no or several generations are called so.
 */
export function showGeneration(root: string, name?: string): GenerationInfo {
  const paths = localPaths(root);
  const current = name === undefined ? readCurrent(paths) : currentOrNull(paths);
  if (name === undefined && current === null) throw indexMissing(root);
  const id = name === undefined ? (current as string) : resolve(paths, root, name);
  return info(paths, id, id === current, verifyGeneration);
}

/**
 * Makes a generation the current one, by one rename. Searches that are running stay with theirs.
 *
 * @throws `INTEGRITY`, `INDEX_INCOMPATIBLE` for one that is damaged or of another format: it is refused and the current one
 * stays; `BUSY` while another run writes.
 */
export function useGeneration(root: string, name: string): GenerationChange {
  return underLock(root, (paths) => use(paths, resolve(paths, root, name)));
}

/**
 * Goes back to the generation that was current before the current one was built.
 *
 * @throws as {@link useGeneration}, and `INVALID_INPUT` where there is none before it.
 */
export function rollback(root: string): GenerationChange {
  return underLock(root, (paths) => {
    const current = readCurrent(paths);
    if (current === null) throw indexMissing(root);
    const before = previousOf(paths, current);
    if (before !== null) return use(paths, before);
    const message = `there is no generation before ${current}: \`patina generations list\` shows those there are`;
    throw new PatinaError("INVALID_INPUT", message, { key: current });
  });
}

/**
 * Removes older generations. The current one always stays, then the one before it, then the newest.
 *
 * @param options.keep generations that stay, the current one among them; default 2
 * @throws `INVALID_INPUT` for fewer than 1, `BUSY` while another run writes.
 */
export function pruneGenerations(
  root: string,
  { keep = GENERATIONS_KEPT }: { readonly keep?: number | undefined } = {},
): PrunedGenerations {
  if (!Number.isInteger(keep) || keep < 1) {
    throw new PatinaError("INVALID_INPUT", `a whole number of generations from 1 can be kept, not ${keep}`);
  }
  return underLock(root, (paths) => {
    const current = readCurrent(paths);
    if (current === null) throw indexMissing(root);
    const sizes = new Map(generationNames(paths).map((id) => [id, sizeOf(paths, id)]));
    const removed = pruneOld(paths, current, keep);
    return {
      removed,
      kept: generationNames(paths),
      freed: removed.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0),
    };
  });
}

function use(paths: LocalPaths, id: string): GenerationChange {
  const before = currentOrNull(paths);
  try {
    verifyGeneration(generationDirectory(paths, id));
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY") && !isPatinaError(error, "INDEX_INCOMPATIBLE")) throw error;
    const message = `generation ${id} cannot be used, and nothing was changed: ${error.message}`;
    throw new PatinaError(error.code, message, { ...error.details, cause: error });
  }
  if (id !== before) makeCurrent(paths, id);
  return { id, before };
}

function underLock<T>(root: string, work: (paths: LocalPaths) => T): T {
  if (generationNames(localPaths(root)).length === 0) throw indexMissing(root);
  const paths = prepareLocalDirectory(root);
  using _lock = acquireRunLock(paths);
  removeLeftovers(paths);
  return work(paths);
}

/** The name of a generation by its beginning. */
function resolve(paths: LocalPaths, root: string, name: string): string {
  const names = generationNames(paths);
  if (names.length === 0) throw indexMissing(root);
  const found = names.filter((id) => name !== "" && id.startsWith(name));
  const [id] = found;
  if (id !== undefined && found.length === 1) return id;
  const what = id === undefined ? "no generation is called" : `${found.length} generations begin with`;
  throw new PatinaError("INVALID_INPUT", `${what} “${name}”; there are ${names.join(", ")}`, { key: name });
}

/** A name that cannot be read is no reason to hide the generations one could go to. */
function currentOrNull(paths: LocalPaths): string | null {
  try {
    return readCurrent(paths);
  } catch (error) {
    if (isPatinaError(error, "INTEGRITY")) return null;
    throw error;
  }
}

function info(
  paths: LocalPaths,
  id: string,
  current: boolean,
  read: (directory: string) => Manifest,
): GenerationInfo {
  const directory = generationDirectory(paths, id);
  const bytes = sizeOf(paths, id);
  try {
    return { id, current, manifest: read(directory), bytes, problem: null };
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY") && !isPatinaError(error, "INDEX_INCOMPATIBLE")) throw error;
    return { id, current, manifest: manifestOrNull(directory), bytes, problem: error.message };
  }
}

function manifestOrNull(directory: string): Manifest | null {
  try {
    return readManifest(directory);
  } catch (error) {
    if (isPatinaError(error, "INTEGRITY") || isPatinaError(error, "INDEX_INCOMPATIBLE")) return null;
    throw error;
  }
}

function sizeOf(paths: LocalPaths, id: string): number {
  const directory = generationDirectory(paths, id);
  const manifest = manifestOrNull(directory);
  return [MANIFEST, ...Object.keys(manifest?.files ?? {})].reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
