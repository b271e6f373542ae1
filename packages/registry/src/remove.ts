import type { Runtime } from "@patina/core";
import { type CheckedFile, lookAtVariant } from "./check.ts";
import { removeConvertedEntry } from "./converted-entry.ts";
import { exclusively } from "./exclusive.ts";
import { forgetGraphs } from "./graph-cache.ts";
import { hubRepoFolder } from "./location.ts";
import { Pins, updateLock } from "./lock.ts";
import { releaseFromHub } from "./release.ts";
import { fittingVariants, isOpen, type VariantRequest } from "./select.ts";
import { expectVariant, modelFolder, removeFolder, removeIfEmpty, subfolders } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** A file that stays, and why. */
export interface KeptFile {
  /** Absolute: in the hub's cache. */
  readonly location: string;
  readonly reason: string;
}

/** One variant that is gone. */
export interface RemovedVariant {
  /** `null` for a folder that no variant of today's registry uses any more. */
  readonly variant: string | null;
  readonly runtime: Runtime | null;
  readonly folder: string;
  /** Bytes that were freed. */
  readonly size: number;
  /** Its files in the hub's cache that others may use. */
  readonly kept: readonly KeptFile[];
}

/** What {@link removeModel} deleted; nothing when nothing was there. */
export interface RemoveReport {
  readonly key: string;
  readonly removed: readonly RemovedVariant[];
  /** The overlay whose row of a converted model is gone as well; `null` where there was none. */
  readonly overlay: string | null;
}

/** Deletes a variant's files, or all of a model's, and their rows in the locks. */
export async function removeModel(
  workspace: Workspace,
  keyOrAlias: string,
  request: VariantRequest,
): Promise<RemoveReport> {
  const { home, hub, locks, catalog } = workspace;
  const entry = catalog.entry(keyOrAlias);
  const all = isOpen(request) && request.runtime === undefined;
  const variants = all ? entry.variants : fittingVariants(entry, request);
  const parent = modelFolder(home, entry.key);
  const removed: RemovedVariant[] = [];
  let overlay: string | null = null;
  await exclusively(`${parent}.busy`, {}, async () => {
    const pins = await Pins.read(locks);
    for (const variant of variants) {
      const expected = expectVariant(home, pins, entry, variant);
      const { name, runtime } = variant;
      const files = await lookAtVariant(hub, expected);
      if (expected.folder !== undefined && files.some(({ state }) => state !== "missing")) {
        await forgetGraphs(home, new Set(expected.files.flatMap(({ sha256 }) => sha256 ?? [])));
        const fromHub = await removeFromHub(home, expected.folder, files);
        const size = fromHub.size + (await removeFolder(expected.folder));
        removed.push({ variant: name, runtime, folder: expected.folder, size, kept: fromHub.kept });
      }
      for (const lock of locks) await updateLock(lock, entry.key, name, runtime, undefined);
    }
    if (!all) return;
    for (const folder of await subfolders(parent)) {
      removed.push({ variant: null, runtime: null, folder, size: await removeFolder(folder), kept: [] });
    }
    await removeIfEmpty(parent);
    overlay = entry.origin === "user" ? await removeConvertedEntry(home, entry.key) : null;
  });
  return { key: entry.key, removed, overlay };
}

/** Takes those files of a variant out of the hub's cache that this store put there and nobody else is known to use. */
async function removeFromHub(
  home: string,
  folder: string,
  files: readonly CheckedFile[],
): Promise<{ size: number; kept: KeptFile[] }> {
  const kept: KeptFile[] = [];
  let size = 0;
  for (const { location, state, recorded } of files) {
    if (location === null || state === "missing" || hubRepoFolder(location) === undefined) continue;
    const outcome =
      recorded?.downloaded === location
        ? await releaseFromHub(home, folder, { location, sha256: recorded.sha256 })
        : "nothing says that patina downloaded it";
    if (typeof outcome === "number") size += outcome;
    else kept.push({ location, reason: outcome });
  }
  return { size, kept };
}
