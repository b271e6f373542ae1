import { lookAt } from "./decide.ts";
import { knownLocks } from "./known-locks.ts";
import { Pins } from "./lock.ts";
import { variantFolder } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** What is in use on this machine. */
export interface UsedFiles {
  /** Folders of variants. */
  readonly folders: ReadonlySet<string>;
  /** SHA-256 of the files of variants that are here. */
  readonly digests: ReadonlySet<string>;
}

/**
 * What the entries of today use by the locks of the workspace, and what the locks of other projects name: their
 * overlays are not known here.
 */
export async function usedFiles(workspace: Workspace): Promise<UsedFiles> {
  const { catalog, home, locks } = workspace;
  const folders = new Set<string>();
  const digests = new Set<string>();
  const pins = await Pins.read(locks);
  for (const entry of catalog.models()) {
    for (const variant of entry.variants) {
      const { expected, files } = await lookAt(workspace, pins, entry, variant);
      if (expected.folder === undefined) continue;
      folders.add(expected.folder);
      if (files.every(({ state }) => state === "missing")) continue;
      for (const { sha256 } of expected.files) if (sha256 !== undefined) digests.add(sha256);
    }
  }
  const others = (await knownLocks(home)).filter((lock) => !locks.includes(lock));
  for (const { key, variant, runtime, files } of (await Pins.read(others)).rows()) {
    folders.add(variantFolder(home, key, { name: variant, runtime }, files));
    for (const { sha256 } of files) digests.add(sha256);
  }
  return { folders, digests };
}
