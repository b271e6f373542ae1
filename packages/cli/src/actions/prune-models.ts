import type { PrunedItem } from "@patina/registry";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

const KINDS: Record<PrunedItem["kind"], string> = {
  variant: "files that nothing uses",
  unfinished: "an unfinished add",
  damaged: "a damaged file",
  download: "an unfinished download",
  graph: "an optimised graph of a file that is gone",
};

/** `patina model prune`: deletes what nothing uses and says what that freed. */
export async function pruneModels(options: JsonOptions & { readonly dryRun?: boolean }): Promise<void> {
  const registry = await openProjectRegistry();
  const report = await registry.prune({ dryRun: options.dryRun });
  if (options.json) return print(`${safeJson(report, 2)}\n`);
  const { removed, freed, busy, dryRun } = report;
  const lines = removed.map(
    ({ kind, path, size }) =>
      `${dryRun ? "would remove" : "removed"} ${KINDS[kind]}: ${bytes(size)}, ${path}`,
  );
  for (const key of busy) lines.push(`left ${key} alone: another process is at work on it`);
  if (removed.length === 0) lines.push("there is nothing that nothing uses");
  else lines.push(dryRun ? `${bytes(freed)} would be freed` : `${bytes(freed)} freed`);
  return print(`${lines.map(visibleLine).join("\n")}\n`);
}
