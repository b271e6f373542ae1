import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { isPatinaError } from "@patina/core";
import { exclusively } from "./exclusive.ts";
import { keptGraphs } from "./graph-cache.ts";
import { damagedFiles, incompleteDownloads, type LeftOver } from "./left-over.ts";
import { readRecord } from "./record.ts";
import { releaseFromHub } from "./release.ts";
import { folderSize, modelKeys, removeFolder, removeIfEmpty, subfolders } from "./store.ts";
import { usedFiles } from "./used.ts";
import type { Workspace } from "./workspace.ts";

/** Options of `Registry.prune`. */
export interface PruneOptions {
  /** Deletes nothing and says what would be deleted. */
  readonly dryRun?: boolean | undefined;
}

/** Something that nothing uses. */
export interface PrunedItem {
  /**
   * `variant`: files that no entry uses by any lock. `unfinished`: what a process that died was putting together.
   * `damaged`: was moved aside. `download`: a part of a file of the hub. `graph`: was made of a file that is gone.
   */
  readonly kind: "variant" | "unfinished" | "damaged" | "download" | "graph";
  /** Absolute. */
  readonly path: string;
  /** In bytes, what it had in the hub's cache included. */
  readonly size: number;
}

/** What {@link pruneStore} deleted. */
export interface PruneReport {
  readonly dryRun: boolean;
  readonly removed: readonly PrunedItem[];
  /** In bytes. */
  readonly freed: number;
  /** Models that were left alone, because another process was at work on them. */
  readonly busy: readonly string[];
}

/** Deletes what no entry uses by the locks of this home and of the projects that are known to use it. */
export async function pruneStore(
  workspace: Workspace,
  { dryRun = false }: PruneOptions,
): Promise<PruneReport> {
  const { home, hub } = workspace;
  const removed: PrunedItem[] = [];
  const busy: string[] = [];
  for (const key of await modelKeys(home)) {
    const parent = join(home, "models", key);
    const isFree = await unlessBusy(`${parent}.busy`, async () => {
      // Asked for anew with the model locked: it may have been added since.
      const { folders } = await usedFiles(workspace);
      removed.push(...(await pruneModel(home, parent, folders, dryRun)));
    });
    if (!isFree) busy.push(key);
  }
  const take = async (kind: PrunedItem["kind"], { path, size }: LeftOver): Promise<void> => {
    if (!dryRun) await rm(path, { recursive: true, force: true });
    removed.push({ kind, path, size });
  };
  const { folders, digests } = await usedFiles(workspace);
  for (const file of await damagedFiles(hub, folders)) await take("damaged", file);
  for (const file of await incompleteDownloads(hub)) {
    await unlessBusy(file.lock, () => take("download", file));
  }
  for (const { folder, weights } of await keptGraphs(home)) {
    if (!digests.has(weights)) await take("graph", { path: folder, size: await folderSize(folder) });
  }
  return { dryRun, removed, freed: removed.reduce((sum, { size }) => sum + size, 0), busy };
}

async function pruneModel(
  home: string,
  parent: string,
  used: ReadonlySet<string>,
  dryRun: boolean,
): Promise<PrunedItem[]> {
  const removed: PrunedItem[] = [];
  for (const folder of await subfolders(parent)) {
    if (used.has(folder)) continue;
    let size = 0;
    for (const { sha256, downloaded } of (await readRecord(folder)).values()) {
      if (downloaded === undefined) continue;
      const freed = await releaseFromHub(home, folder, { location: downloaded, sha256 }, dryRun);
      if (typeof freed === "number") size += freed;
    }
    size += dryRun ? await folderSize(folder) : await removeFolder(folder);
    const kind = basename(folder).startsWith(".") ? "unfinished" : "variant";
    removed.push({ kind, path: folder, size });
  }
  if (!dryRun) await removeIfEmpty(parent);
  return removed;
}

/** Runs `work` unless another process holds the lock; one that a crashed process left is taken over, and is gone then. */
async function unlessBusy(lock: string, work: () => Promise<void>): Promise<boolean> {
  const giveUp = new AbortController();
  try {
    await exclusively(lock, { signal: giveUp.signal, onWait: () => giveUp.abort() }, work);
    return true;
  } catch (cause) {
    if (giveUp.signal.aborted && isPatinaError(cause, "ABORTED")) return false;
    throw cause;
  }
}
