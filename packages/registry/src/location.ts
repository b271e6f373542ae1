import { join } from "node:path";
import { type HubSettings, hubLocation } from "./hub/index.ts";
import type { ModelFile } from "./model-entry.ts";
import type { Provenance } from "./record.ts";
import { contradictedCommit, isHubName, lockedName } from "./sources/source.ts";

/**
 * Where a file lies that came from there: a file of the hub in the hub's cache, below its pinned commit, any other in
 * its variant's folder. `undefined` where it came from a hub source that the registry no longer has, or now has at
 * another commit.
 */
export function locationOf(
  hub: HubSettings,
  folder: string,
  file: ModelFile,
  { source, revision }: Provenance,
): string | undefined {
  if (!isHubName(source) || revision === null) return join(folder, file.path);
  for (const declared of file.sources) {
    if (declared.kind !== "hub" || lockedName(declared) !== source) continue;
    if (contradictedCommit(declared, { source, revision }) === undefined) {
      return hubLocation(hub, declared.repo, revision, declared.path);
    }
  }
  return undefined;
}

/**
 * The folder of the repository that holds a file of a hub cache, whichever cache it is; `undefined` for a file
 * elsewhere.
 */
export function hubRepoFolder(location: string): string | undefined {
  return /^(.*[\\/]models--[^\\/]+)[\\/]snapshots[\\/]/.exec(location)?.[1];
}
