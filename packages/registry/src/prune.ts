import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { isPatinaError, PatinaError } from "@patina/core";
import { exclusively } from "./exclusive.ts";
import { keptGraphs } from "./graph-cache.ts";
import { forgetLocks, knownLocks } from "./known-locks.ts";
import { damagedFiles, incompleteDownloads, type LeftOver } from "./left-over.ts";
import { releaseFolder } from "./release.ts";
import { folderSize, modelKeys, removeFolder, removeIfEmpty, subfolders } from "./store.ts";
import { usedFiles } from "./used.ts";
import type { Workspace } from "./workspace.ts";

/** Options of `Registry.prune`. */
export interface PruneOptions {
  /** Deletes nothing and says what would be deleted. */
  readonly dryRun?: boolean | undefined;
  /** Remembered locks that are gone for good, absolute: what they pinned is in use no longer. */
  readonly forget?: readonly string[] | undefined;
}

/** Something that nothing uses. */
export interface PrunedItem {
  /**
   * `variant`: files that no entry uses by any lock. `unfinished`: what a process that died was putting together, or
   * what there is of downloads by address.
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
  /** Remembered locks of projects that cannot be seen now. */
  readonly unseenLocks: readonly string[];
  /** Folders that were left alone because of those. */
  readonly spared: readonly string[];
}

/**
 * Deletes what no entry uses by the locks of this home and of the projects that are known to use it. While one of those
 * cannot be seen, no variant's files are deleted.
 *
 * @throws PatinaError `INVALID_INPUT` for a lock to forget that is not remembered, or that is there.
 */
export async function pruneStore(
  workspace: Workspace,
  { dryRun = false, forget = [] }: PruneOptions,
): Promise<PruneReport> {
  const { home, hub } = workspace;
  await requireUnseen(home, forget);
  if (!dryRun && forget.length > 0) await forgetLocks(home, forget);
  const removed: PrunedItem[] = [];
  const busy: string[] = [];
  for (const key of await modelKeys(home)) {
    const parent = join(home, "models", key);
    const isFree = await unlessBusy(`${parent}.busy`, async () => {
      // Asked for anew with the model locked: it may have been added since.
      const { folders, spared } = await usedFiles(workspace, forget);
      removed.push(...(await pruneModel(home, parent, new Set([...folders, ...spared]), dryRun)));
    });
    if (!isFree) busy.push(key);
  }
  const take = async (kind: PrunedItem["kind"], { path, size }: LeftOver): Promise<void> => {
    if (!dryRun) await rm(path, { recursive: true, force: true });
    removed.push({ kind, path, size });
  };
  const { folders, spared, digests, unseen } = await usedFiles(workspace, forget);
  for (const file of await damagedFiles(hub, [...folders, ...spared])) await take("damaged", file);
  for (const file of await incompleteDownloads(hub)) {
    await unlessBusy(file.lock, () => take("download", file));
  }
  for (const { folder, weights } of await keptGraphs(home)) {
    if (!digests.has(weights)) await take("graph", { path: folder, size: await folderSize(folder) });
  }
  const freed = removed.reduce((sum, { size }) => sum + size, 0);
  return { dryRun, removed, freed, busy, unseenLocks: unseen, spared: [...spared].sort() };
}

async function requireUnseen(home: string, forget: readonly string[]): Promise<void> {
  const { seen, unseen } = await knownLocks(home);
  for (const lock of forget) {
    if (unseen.includes(lock)) continue;
    const list =
      unseen.length === 0 ? "every lock that is remembered is there" : `it is ${unseen.join(" or ")}`;
    const message = seen.includes(lock)
      ? `${lock} is there, so what it names is in use; delete it, or remove its models with \`patina model remove KEY\``
      : `no lock ${lock} is remembered that could be forgotten; ${list}`;
    throw new PatinaError("INVALID_INPUT", message, { file: lock });
  }
}

async function pruneModel(
  home: string,
  parent: string,
  used: ReadonlySet<string>,
  dryRun: boolean,
): Promise<PrunedItem[]> {
  const removed: PrunedItem[] = [];
  const leaving = new Set((await subfolders(parent)).filter((folder) => !used.has(folder)));
  for (const folder of leaving) {
    let { size } = await releaseFolder(home, folder, leaving, dryRun);
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
