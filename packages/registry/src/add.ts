import { randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";
import type { AddedFile, AddOptions, AddReport, Report } from "./add-report.ts";
import { opinionLine } from "./choose-variant.ts";
import { decideVariant, type SeenVariant } from "./decide.ts";
import { exclusively, type HeldLock, type LockWait } from "./exclusive.ts";
import { requireLocked, requireSameCommits } from "./frozen.ts";
import { type GatheredFile, gatherFiles } from "./gather.ts";
import type { HubClient } from "./hub/index.ts";
import { rememberLock } from "./known-locks.ts";
import { type LockedFile, lockFile, Pins, updateLock } from "./lock.ts";
import { type ModelEntry, type ModelVariant, variantFiles } from "./model-entry.ts";
import { updateRecord } from "./record.ts";
import { requireTrust, undecided } from "./select.ts";

import { SourceClients } from "./sources/index.ts";
import {
  expectVariant,
  modelFolder,
  PARTS,
  partsFolder,
  removeIfEmpty,
  subfolders,
  variantFolder,
} from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** Brings a variant's files onto this machine: fetched, checked against their digests, put in place, locked. */
export async function addModel(
  workspace: Workspace,
  keyOrAlias: string,
  options: AddOptions,
): Promise<AddReport> {
  const entry = workspace.catalog.entry(keyOrAlias);
  requireTrust(entry);
  throwIfAborted(options.signal);
  const { frozen = false } = options;
  // A frozen lock is the one that would be written to; what another one says does not count.
  const { lock } = workspace;
  const within = frozen ? { ...workspace, locks: [lock] } : workspace;
  const { variant, reason, passedOver } = await variantToAdd(within, entry, options);
  if (frozen) {
    const pins = await Pins.read([lock]);
    const expected = expectVariant(workspace.home, pins, entry, variant);
    requireLocked(lock, expected, pins.of(entry.key, variant));
  }
  const brought = await bringVariant(within, entry, variant, options);
  const { key, name, license } = entry;
  return {
    ...{ key, name, license, variant: variant.name, runtime: variant.runtime },
    ...{ ...brought, lock, reason, passedOver },
  };
}

/** How {@link bringVariant} brings a variant. */
export interface BringOptions extends Pick<AddOptions, "frozen" | "onProgress" | "signal"> {
  /** Takes what the revisions are today, as this client has resolved them, instead of what the locks have. */
  readonly renewed?: HubClient | undefined;
}

/** Brings the files of one variant, while no other process works on its model. */
export async function bringVariant(
  workspace: Workspace,
  entry: ModelEntry,
  variant: ModelVariant,
  { frozen = false, onProgress, signal, renewed }: BringOptions,
): Promise<Pick<AddReport, "folder" | "files">> {
  const { home, lock, locks } = workspace;
  const report: Report = (phase, rest = {}) => {
    const nothing = { file: null, source: null, bytes: null, total: null, retry: null, all: null };
    onProgress?.({ phase, key: entry.key, ...nothing, ...rest });
  };
  const parent = modelFolder(home, entry.key);
  const wait = { signal, onWait: () => report("waiting") };
  return exclusively(`${parent}.busy`, wait, async (held) => {
    await removeLeftovers(parent);
    const workFolder = join(parent, `.incoming-${randomBytes(6).toString("hex")}`);
    await mkdir(workFolder, { recursive: true });
    try {
      const pins = renewed === undefined ? await Pins.read(locks) : Pins.none;
      const expected = expectVariant(home, pins, entry, variant);
      requireSameCommits(locks, expected);
      const locked = (await Pins.read([lock])).of(entry.key, variant);
      const sources = new SourceClients(workspace, variantFiles(entry, variant), renewed);
      const job = { workspace, variant: expected, locked, frozen, workFolder, sources, signal, report };
      const files = await gatherFiles(job);
      const folder = variantFolder(home, entry.key, variant, files);
      const added = await install(folder, files, held, wait);
      const { name, runtime } = variant;
      if (!frozen) await updateLock(lock, entry.key, name, runtime, files.map(lockRow), wait);
      if (lock !== lockFile(home, undefined)) await rememberLock(home, lock, wait);
      report("done");
      return { folder, files: added };
    } finally {
      await rm(workFolder, { recursive: true, force: true });
      await removeIfEmpty(partsFolder(home, entry.key));
      await removeIfEmpty(parent);
    }
  });
}

/**
 * Nobody else works in this folder now, so what lies in its hidden ones was left by a process that died; what is there
 * of its downloads is still of use.
 */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const folder of await subfolders(parent)) {
    const name = basename(folder);
    if (name.startsWith(".") && name !== PARTS) await rm(folder, { recursive: true, force: true });
  }
}

/** The variant to take, and why those before it in the registry were not. */
async function variantToAdd(
  workspace: Workspace,
  entry: ModelEntry,
  { frozen = false, ...request }: AddOptions,
): Promise<{ variant: ModelVariant; reason: string; passedOver: string[] }> {
  const { seen, taken, decision } = await decideVariant(
    workspace,
    entry,
    request,
    frozen ? "locked" : "obtainable",
  );
  const isPossible = ({ expected }: SeenVariant): boolean =>
    !frozen || expected.files.every(({ pin }) => pin !== undefined);
  if (taken === undefined && seen.some(isPossible)) throw undecided(entry, decision);
  // Where none can be had, trying the first one tells why, source by source or difference by difference.
  const variant = (taken ?? seen[0])?.expected.variant;
  if (variant === undefined) throw new PatinaError("INTERNAL", `${entry.key} has no variant at all`);
  const at = decision.opinions.findIndex((opinion) => opinion.taken);
  const passedOver = decision.opinions.slice(0, Math.max(0, at)).map(opinionLine);
  const reason = decision.opinions[at]?.reason ?? "nothing else can be had either";
  return { variant, reason, passedOver };
}

/** Moves what was fetched into the variant's folder, one rename a file, then records all of it. */
async function install(
  folder: string,
  files: readonly GatheredFile[],
  held: HeldLock,
  wait: LockWait,
): Promise<AddedFile[]> {
  await held.requireHeld();
  const added: AddedFile[] = [];
  for (const { staged, mtimeNs: _, downloaded: __, origin: ___, ...file } of files) {
    // The folder follows from the digests; with a digest pinned just now, what was in place was in that folder too.
    const location = file.location ?? join(folder, file.path);
    if (staged !== undefined) {
      await mkdir(dirname(location), { recursive: true });
      await rename(staged, location);
    }
    added.push({ ...file, location });
  }
  await updateRecord(folder, new Map(files.map((file) => [file.path, file])), wait);
  return added;
}

function lockRow({ path, size, sha256, origin: { source, revision } }: GatheredFile): LockedFile {
  return { path, size, sha256, source, revision };
}
