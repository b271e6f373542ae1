import { PatinaError } from "@patina/core";
import { bringVariant } from "./add.ts";
import type { AddedFile, AddOptions } from "./add-report.ts";
import { lookAt } from "./decide.ts";
import { HubClient } from "./hub/index.ts";
import { Pins } from "./lock.ts";
import type { ModelVariant } from "./model-entry.ts";
import { fittingVariants, requireTrust, type VariantRequest } from "./select.ts";
import { type FileChange, fileChange } from "./update-file.ts";
import type { Workspace } from "./workspace.ts";

/** What an update would do to one variant. */
export interface VariantUpdate {
  readonly variant: string;
  readonly runtime: ModelVariant["runtime"];
  readonly files: readonly FileChange[];
  /**
   * Whether vectors made before are of another model afterwards, so that indexes and cached embeddings are made anew.
   * `null` where that shows only when a file is here.
   */
  readonly invalidates: boolean | null;
}

/** What an update would change: the variants that a lock has. */
export interface UpdatePlan {
  readonly key: string;
  /** The lock that would be written to. */
  readonly lock: string;
  readonly variants: readonly VariantUpdate[];
  /** False where the sources have what the lock has. */
  readonly changes: boolean;
}

/** Options of `Registry.update`. */
export interface UpdateOptions extends VariantRequest, Pick<AddOptions, "onProgress" | "signal"> {
  /** Asked where there are changes; nothing is changed unless it says true. */
  readonly confirm: (plan: UpdatePlan) => boolean | Promise<boolean>;
}

/** An update that was looked into, and whether it was carried out. */
export interface UpdateReport extends UpdatePlan {
  readonly applied: boolean;
  /** Of the variants that were changed; empty where nothing was. */
  readonly brought: readonly { readonly variant: string; readonly files: readonly AddedFile[] }[];
}

/** Asks the sources what they have today, and takes it in place of what the lock has where `confirm` agrees. */
export async function updateModel(
  workspace: Workspace,
  keyOrAlias: string,
  { confirm, signal, onProgress, ...request }: UpdateOptions,
): Promise<UpdateReport> {
  const entry = workspace.catalog.entry(keyOrAlias);
  requireTrust(entry);
  const { key } = entry;
  const pins = await Pins.read(workspace.locks);
  const locked = fittingVariants(entry, request).filter((variant) => pins.of(key, variant).size > 0);
  if (locked.length === 0) {
    const message = `no lock has ${key}, so there is nothing to update; \`patina model add ${key}\` takes what there is today`;
    throw new PatinaError("MODEL_MISSING", message, { key });
  }
  // One client for the look and for the fetching: what is shown is what is taken.
  const client = new HubClient(workspace.hub, workspace.retry);
  const variants: (VariantUpdate & { of: ModelVariant })[] = [];
  for (const variant of locked) {
    const { expected, files: seen } = await lookAt(workspace, pins, entry, variant);
    const rows = pins.of(key, variant);
    const files: FileChange[] = [];
    for (const [index, { file }] of expected.files.entries()) {
      const before = rows.get(file.path);
      const location = seen[index]?.location ?? null;
      files.push(await fileChange({ workspace, entry, client, file, before, location, signal }));
    }
    const { name, runtime } = variant;
    variants.push({ of: variant, variant: name, runtime, files, invalidates: invalidates(files) });
  }
  const changed = variants.filter(({ files }) => files.some(({ state }) => state !== "same"));
  const plan: UpdatePlan = {
    ...{ key, lock: workspace.lock, changes: changed.length > 0 },
    variants: variants.map(({ of: _, ...shown }) => shown),
  };
  if (!plan.changes || !(await confirm(plan))) return { ...plan, applied: false, brought: [] };
  const brought: { variant: string; files: readonly AddedFile[] }[] = [];
  for (const { of: variant } of changed) {
    const { files } = await bringVariant(workspace, entry, variant, { signal, onProgress, renewed: client });
    brought.push({ variant: variant.name, files });
  }
  return { ...plan, applied: true, brought };
}

/** Everything that is part of an encoder's identity; what has another role changes no vector. */
function invalidates(files: readonly FileChange[]): boolean | null {
  const counting = files.filter(({ role }) => role !== "other");
  if (counting.some(({ state }) => state === "changed")) return true;
  return counting.some(({ state }) => state === "unknown") ? null : false;
}
