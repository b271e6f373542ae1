import { existsSync } from "node:fs";
import { basename } from "node:path";
import { lookAt } from "./decide.ts";
import { knownLocks } from "./known-locks.ts";
import { Pins } from "./lock.ts";
import { allRecords } from "./records.ts";
import { variantFolder } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** What is in use on this machine. */
export interface UsedFiles {
  /** Folders of variants. */
  readonly folders: ReadonlySet<string>;
  /** Folders that a lock which cannot be seen now may use. */
  readonly spared: ReadonlySet<string>;
  /** Known locks that cannot be seen now. */
  readonly unseen: readonly string[];
  /** SHA-256 of the files of variants that are here. */
  readonly digests: ReadonlySet<string>;
}

/**
 * What the locks of this home and of every known project name, and what the trusted entries of all layers use by the
 * locks of the workspace and without them: an overlay that hides an entry takes nothing out of use. Where the lock of a
 * project cannot be seen now, any variant may be one of its own. `forgotten` are locks that do not count.
 */
export async function usedFiles(workspace: Workspace, forgotten: readonly string[]): Promise<UsedFiles> {
  const { catalog, home, locks } = workspace;
  const folders = new Set<string>();
  const digests = new Set<string>();
  for (const pins of [await Pins.read(locks), Pins.none]) {
    for (const entry of catalog.trusted()) {
      for (const variant of entry.variants) {
        const { expected, files } = await lookAt(workspace, pins, entry, variant);
        if (expected.folder === undefined) continue;
        folders.add(expected.folder);
        if (files.every(({ state }) => state === "missing")) continue;
        for (const { sha256 } of expected.files) if (sha256 !== undefined) digests.add(sha256);
      }
    }
  }
  const known = await knownLocks(home);
  const named = await Pins.read([...new Set([...locks, ...known.seen])]);
  for (const { key, variant, runtime, files } of named.rows()) {
    const folder = variantFolder(home, key, { name: variant, runtime }, files);
    folders.add(folder);
    if (existsSync(folder)) for (const { sha256 } of files) digests.add(sha256);
  }
  const unseen = known.unseen.filter((lock) => !forgotten.includes(lock));
  const spared = new Set<string>();
  if (unseen.length > 0) {
    for await (const { folder, files } of allRecords(home)) {
      if (folders.has(folder) || basename(folder).startsWith(".")) continue;
      spared.add(folder);
      for (const { sha256 } of files.values()) digests.add(sha256);
    }
  }
  return { folders, spared, digests, unseen };
}
