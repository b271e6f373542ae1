import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Runtime } from "@patina/core";
import { lookAtVariant } from "./check.ts";
import { exclusively } from "./exclusive.ts";
import { forgetGraphs } from "./graph-cache.ts";
import { updateLock } from "./lock.ts";
import { fittingVariants, isOpen, type VariantRequest } from "./select.ts";
import { expectVariant, modelFolder, removeIfEmpty, subfolders } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** One folder that is gone. */
export interface RemovedVariant {
  /** `null` for a folder that no variant of today's registry uses any more. */
  readonly variant: string | null;
  readonly runtime: Runtime | null;
  readonly folder: string;
  /** Bytes that were freed. */
  readonly size: number;
}

/** What {@link removeModel} deleted; nothing when nothing was there. */
export interface RemoveReport {
  readonly key: string;
  readonly removed: readonly RemovedVariant[];
}

/** Deletes a variant's files, or all of a model's, and their rows in the locks. */
export async function removeModel(
  workspace: Workspace,
  keyOrAlias: string,
  request: VariantRequest,
): Promise<RemoveReport> {
  const { home, locks, catalog } = workspace;
  const entry = catalog.entry(keyOrAlias);
  const all = isOpen(request) && request.runtime === undefined;
  const variants = all ? entry.variants : fittingVariants(entry, request);
  const parent = modelFolder(home, entry.key);
  const removed: RemovedVariant[] = [];
  await exclusively(`${parent}.busy`, {}, async () => {
    for (const variant of variants) {
      const expected = await expectVariant(home, locks, entry, variant);
      const there = (await lookAtVariant(expected)).some(({ state }) => state !== "missing");
      if (there && expected.folder !== undefined) {
        await forgetGraphs(home, new Set(expected.files.flatMap(({ sha256 }) => sha256 ?? [])));
        const size = await removeFolder(expected.folder);
        removed.push({ variant: variant.name, runtime: variant.runtime, folder: expected.folder, size });
      }
      for (const lock of locks) await updateLock(lock, entry.key, variant.name, variant.runtime, undefined);
    }
    if (!all) return;
    for (const folder of await subfolders(parent)) {
      removed.push({ variant: null, runtime: null, folder, size: await removeFolder(folder) });
    }
    await removeIfEmpty(parent);
  });
  return { key: entry.key, removed };
}

/** Takes the folder out of sight by one rename first: whoever looks sees all of it or none. */
async function removeFolder(folder: string): Promise<number> {
  const size = await folderSize(folder);
  const aside = join(
    folder,
    "..",
    `.removed-${basename(folder).slice(0, 8)}-${randomBytes(4).toString("hex")}`,
  );
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true });
  return size;
}

async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (item.isFile()) size += (await stat(join(item.parentPath, item.name))).size;
  }
  return size;
}
