import { randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";
import type { AddOptions, AddReport, Report } from "./add-report.ts";
import { isInstalled } from "./check.ts";
import { opinionLine } from "./choose-variant.ts";
import { decideVariant } from "./decide.ts";
import { exclusively } from "./exclusive.ts";
import { type GatheredFile, gatherFiles } from "./gather.ts";
import { updateLock } from "./lock.ts";
import type { ModelEntry, ModelVariant } from "./model-entry.ts";
import { updateRecord } from "./record.ts";
import { type ChoiceRequest, isFetchable, requireTrust, undecided } from "./select.ts";
import { expectVariant, modelFolder, removeIfEmpty, subfolders, variantFolder } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** Brings a variant's files into the store: fetched, checked against their digests, moved into place, locked. */
export async function addModel(
  workspace: Workspace,
  keyOrAlias: string,
  options: AddOptions,
): Promise<AddReport> {
  const entry = workspace.catalog.entry(keyOrAlias);
  requireTrust(entry);
  throwIfAborted(options.signal);
  const { variant, reason, passedOver } = await variantToAdd(workspace, entry, options);
  const report: Report = (phase, rest = {}) => {
    const nothing = { file: null, source: null, bytes: null, total: null, retry: null };
    options.onProgress?.({ phase, key: entry.key, ...nothing, ...rest });
  };
  const parent = modelFolder(workspace.home, entry.key);
  const wait = { signal: options.signal, onWait: () => report("waiting") };
  return exclusively(`${parent}.busy`, wait, async () => {
    await removeLeftovers(parent);
    const work = join(parent, `.incoming-${randomBytes(6).toString("hex")}`);
    await mkdir(work, { recursive: true });
    try {
      const expected = await expectVariant(workspace.home, workspace.locks, entry, variant);
      const files = await gatherFiles(workspace, expected, work, options.signal, report);
      const folder = await install(workspace, entry, variant, files);
      report("done");
      return {
        key: entry.key,
        name: entry.name,
        license: entry.license,
        variant: variant.name,
        runtime: variant.runtime,
        folder,
        lock: workspace.lock,
        files: files.map(({ added }) => added),
        reason,
        passedOver,
      };
    } finally {
      await rm(work, { recursive: true, force: true });
      await removeIfEmpty(parent);
    }
  });
}

/** Nobody else works in this folder now, so what lies in its hidden ones was left by a process that died. */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const folder of await subfolders(parent)) {
    if (basename(folder).startsWith(".")) await rm(folder, { recursive: true, force: true });
  }
}

/** The variant to take, and why those before it in the registry were not. */
async function variantToAdd(
  workspace: Workspace,
  entry: ModelEntry,
  request: ChoiceRequest,
): Promise<{ variant: ModelVariant; reason: string; passedOver: string[] }> {
  const { seen, taken, decision } = await decideVariant(workspace, entry, request, "obtainable");
  const obtainable = seen.some(
    ({ expected, files }) => isInstalled(files) || isFetchable(entry, expected.variant),
  );
  if (taken === undefined && obtainable) throw undecided(entry, decision);
  // Where none can be had, trying the first one tells why, source by source.
  const variant = (taken ?? seen[0])?.expected.variant;
  if (variant === undefined) throw new PatinaError("INTERNAL", `${entry.key} has no variant at all`);
  const at = decision.opinions.findIndex((opinion) => opinion.taken);
  const passedOver = decision.opinions.slice(0, Math.max(0, at)).map(opinionLine);
  const reason = decision.opinions[at]?.reason ?? "nothing else can be had either";
  return { variant, reason, passedOver };
}

/** Moves what was fetched into the variant's folder, one rename a file, then records and locks all of it. */
async function install(
  workspace: Workspace,
  entry: ModelEntry,
  variant: ModelVariant,
  files: readonly GatheredFile[],
): Promise<string> {
  const added = files.map((file) => file.added);
  const folder = variantFolder(workspace.home, entry.key, variant, added);
  for (const file of files) {
    // The folder follows from the digests; with a digest pinned just now, what was in place was in that folder too.
    if (file.staged === undefined) continue;
    const target = join(folder, file.added.path);
    await mkdir(dirname(target), { recursive: true });
    await rename(file.staged, target);
  }
  await updateRecord(
    folder,
    new Map(
      files.map(({ added: { path, size, sha256, source }, revision, mtimeNs }) => [
        path,
        { size, sha256, source, revision, mtimeNs },
      ]),
    ),
  );
  const rows = files.map(({ added: { path, size, sha256, source }, revision }) => ({
    path,
    size,
    sha256,
    source,
    revision,
  }));
  await updateLock(workspace.lock, entry.key, variant.name, variant.runtime, rows);
  return folder;
}
