import { isPatinaError } from "@patina/core";
import { generationDirectory, generationNames, removeGeneration } from "./generations.ts";
import type { LocalPaths } from "./local-directory.ts";
import { readManifest } from "./manifest.ts";

/** Generations that stay on the disk: the current one and the one to go back to. */
export const GENERATIONS_KEPT = 2;

/**
 * Removes all but `keep` generations: the current one stays, then the one that was current before it, then the newest.
 * Gives the names of those that went. Only under the lock.
 */
export function pruneOld(paths: LocalPaths, current: string, keep: number = GENERATIONS_KEPT): string[] {
  const before = previousOf(paths, current);
  const others = generationNames(paths)
    .filter((id) => id !== current)
    .reverse();
  const wanted = [...others.filter((id) => id === before), ...others.filter((id) => id !== before)];
  const gone = wanted.slice(keep - 1).sort();
  for (const id of gone) removeGeneration(paths, id);
  return gone;
}

/**
 * The generation to go back to from `id`: the one that was current when it was built, or the newest that is older where
 * that one is gone or where nobody can say. Null where there is none.
 */
export function previousOf(paths: LocalPaths, id: string): string | null {
  const names = generationNames(paths);
  const recorded = recordedPrevious(paths, id);
  if (recorded !== null && names.includes(recorded)) return recorded;
  return names.findLast((name) => name < id) ?? null;
}

function recordedPrevious(paths: LocalPaths, id: string): string | null {
  try {
    return readManifest(generationDirectory(paths, id)).previous;
  } catch (error) {
    // From a damaged generation one wants to go back all the more.
    if (isPatinaError(error, "INTEGRITY") || isPatinaError(error, "INDEX_INCOMPATIBLE")) return null;
    throw error;
  }
}
