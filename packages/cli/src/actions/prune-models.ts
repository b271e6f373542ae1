import type { PrunedItem } from "@patina/registry";
import { bytes, counted } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import { warn } from "../terminal/warning.ts";
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
export async function pruneModels(
  options: JsonOptions & { readonly dryRun?: boolean; readonly forget: readonly string[] },
): Promise<void> {
  const registry = await openProjectRegistry();
  const report = await registry.prune({ dryRun: options.dryRun, forget: options.forget });
  if (options.json) return print(`${safeJson(report, 2)}\n`);
  const { removed, freed, busy, dryRun, unseenLocks, spared } = report;
  if (spared.length > 0) for (const lock of unseenLocks) warn("LOCK_UNSEEN", unseenText(lock, spared.length));
  const lines = removed.map(
    ({ kind, path, size }) =>
      `${dryRun ? "would remove" : "removed"} ${KINDS[kind]}: ${bytes(size)}, ${path}`,
  );
  for (const key of busy) lines.push(`left ${key} alone: another process is at work on it`);
  if (removed.length === 0) lines.push("there is nothing that nothing uses");
  else lines.push(dryRun ? `${bytes(freed)} would be freed` : `${bytes(freed)} freed`);
  return print(`${lines.map(visibleLine).join("\n")}\n`);
}

function unseenText(lock: string, spared: number): string {
  return (
    `${lock} cannot be seen now, so ${counted(spared, "variant")} that it may name ${spared === 1 ? "was" : "were"} left; ` +
    `if it is gone for good, \`patina model prune --forget ${shellWord(lock)}\` forgets it`
  );
}
