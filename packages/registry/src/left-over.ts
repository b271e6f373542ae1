import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { unlessMissing } from "./files.ts";
import { type HubSettings, PARTIAL_MARK, partialLock } from "./hub/index.ts";
import { DAMAGED_MARK } from "./set-aside.ts";
import { subfolders } from "./store.ts";

/** A file that nothing needs any more. */
export interface LeftOver {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** Files that were moved aside, in these folders of the store and in the hub's cache. */
export async function damagedFiles(hub: HubSettings, folders: Iterable<string>): Promise<LeftOver[]> {
  const found: LeftOver[] = [];
  for (const folder of [...folders, ...(await blobFolders(hub))]) {
    found.push(...(await filesOf(folder, (name) => name.includes(DAMAGED_MARK))));
  }
  return found;
}

/** Parts of files that this project's hub client has left, each with the lock under which it is worked on. */
export async function incompleteDownloads(hub: HubSettings): Promise<(LeftOver & { lock: string })[]> {
  const found: (LeftOver & { lock: string })[] = [];
  for (const folder of await blobFolders(hub)) {
    for (const file of await filesOf(folder, (name) => name.endsWith(PARTIAL_MARK))) {
      found.push({ ...file, lock: partialLock(hub, file.path) });
    }
  }
  return found;
}

async function blobFolders({ cache }: HubSettings): Promise<string[]> {
  const repositories = (await subfolders(cache)).filter((folder) => basename(folder).startsWith("models--"));
  return repositories.map((folder) => join(folder, "blobs"));
}

async function filesOf(folder: string, isWanted: (name: string) => boolean): Promise<LeftOver[]> {
  const items = await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }), []);
  const paths = items
    .filter((item) => item.isFile() && isWanted(item.name))
    .map((item) => join(item.parentPath, item.name));
  return Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
}
