import { PatinaError, type Runtime } from "@patina/core";
import { type CheckedFile, lookAtVariant } from "./check.ts";
import { removeConvertedEntry } from "./converted-entry.ts";
import { exclusively, type LockWait } from "./exclusive.ts";
import { forgetGraphs } from "./graph-cache.ts";
import { hubRepoFolder } from "./location.ts";
import { Pins, updateLock } from "./lock.ts";
import type { ModelEntry, ModelVariant } from "./model-entry.ts";
import { type KeptFile, releaseFolder, releaseFromHub } from "./release.ts";
import { fittingVariants, isOpen, type VariantRequest, variantLabel } from "./select.ts";
import { expectVariant, modelFolder, removeFolder, removeIfEmpty, subfolders } from "./store.ts";
import type { Workspace } from "./workspace.ts";

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

/** Options of `Registry.remove`: what goes, all where nothing is named, and what a wait for another process takes. */
export interface RemoveOptions extends VariantRequest, LockWait {}

/**
 * Deletes a variant's files, or all of a model's, and their rows in the locks.
 *
 * @throws PatinaError `INVALID_INPUT` where the request leaves open which files go.
 */
export async function removeModel(
  workspace: Workspace,
  keyOrAlias: string,
  { signal, onWait, ...request }: RemoveOptions,
): Promise<RemoveReport> {
  const { home, hub, locks, catalog } = workspace;
  const entry = catalog.entry(keyOrAlias);
  const all = request.variant === undefined && request.runtime === undefined;
  const variants = all ? entry.variants : variantsToRemove(entry, request);
  const parent = modelFolder(home, entry.key);
  const removed: RemovedVariant[] = [];
  let overlay: string | null = null;
  await exclusively(`${parent}.busy`, { signal, onWait }, async () => {
    const pins = await Pins.read(locks);
    const folders = new Set(all ? await subfolders(parent) : []);
    const leaving = (folder: string): Set<string> => new Set([...folders, folder]);
    for (const variant of variants) {
      const expected = expectVariant(home, pins, entry, variant);
      const { name, runtime } = variant;
      const files = await lookAtVariant(hub, expected);
      if (expected.folder !== undefined && files.some(({ state }) => state !== "missing")) {
        await forgetGraphs(home, new Set(expected.files.flatMap(({ sha256 }) => sha256 ?? [])));
        const fromHub = await removeFromHub(home, leaving(expected.folder), files);
        const size = fromHub.size + (await removeFolder(expected.folder));
        removed.push({ variant: name, runtime, folder: expected.folder, size, kept: fromHub.kept });
      }
      for (const lock of locks)
        await updateLock(lock, entry.key, name, runtime, undefined, { signal, onWait });
    }
    if (!all) return;
    for (const folder of await subfolders(parent)) {
      const fromHub = await releaseFolder(home, folder, leaving(folder));
      const size = fromHub.size + (await removeFolder(folder));
      removed.push({ variant: null, runtime: null, folder, size, kept: fromHub.kept });
    }
    await removeIfEmpty(parent);
    overlay = entry.origin === "user" ? await removeConvertedEntry(home, entry.key) : null;
  });
  return { key: entry.key, removed, overlay };
}

/** What is named has to be one set of files, or all of a runtime: what goes cannot be chosen here. */
function variantsToRemove(entry: ModelEntry, request: VariantRequest): ModelVariant[] {
  const { key } = entry;
  if (request.variant !== undefined && isOpen(request)) {
    const message =
      `which variant of ${key} goes cannot be left open; name one of ` +
      `${entry.variants.map(variantLabel).join(", ")}, or none to remove them all`;
    throw new PatinaError("INVALID_INPUT", message, { key });
  }
  const fits = fittingVariants(entry, request);
  if (request.variant === undefined || fits.length === 1) return fits;
  const commands = fits.map(
    ({ name, runtime }) => `\`patina model remove ${key} --variant ${name} --runtime ${runtime}\``,
  );
  const message = `${key} has ${request.variant} for several runtimes; say which goes: ${commands.join(" or ")}`;
  throw new PatinaError("INVALID_INPUT", message, { key });
}

/** Takes those files of a variant out of the hub's cache that this store put there and nobody else is known to use. */
async function removeFromHub(
  home: string,
  leaving: ReadonlySet<string>,
  files: readonly CheckedFile[],
): Promise<{ size: number; kept: KeptFile[] }> {
  const kept: KeptFile[] = [];
  let size = 0;
  for (const { location, state, recorded } of files) {
    if (location === null || state === "missing" || hubRepoFolder(location) === undefined) continue;
    const outcome =
      recorded?.downloaded === location
        ? await releaseFromHub(home, leaving, { location, sha256: recorded.sha256 })
        : "nothing says that patina downloaded it";
    if (typeof outcome === "number") size += outcome;
    else kept.push({ location, reason: outcome });
  }
  return { size, kept };
}
