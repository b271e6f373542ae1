import { join } from "node:path";
import type { AddedFile, Report } from "./add-report.ts";
import { type CheckedFile, lookAtVariant, measure } from "./check.ts";
import { fetchFile } from "./fetch-file.ts";
import { lockedFiles } from "./lock.ts";
import { fileState, type RecordedFile } from "./record.ts";
import { SourceClients } from "./sources/index.ts";
import type { ExpectedVariant } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** A file whose bytes are right, in place or waiting to be moved there. */
export interface GatheredFile {
  readonly added: AddedFile;
  readonly revision: string | null;
  readonly mtimeNs: string;
  /** Where the file waits; `undefined` when it is in place already. */
  readonly staged: string | undefined;
}

/** Brings together all files of a variant; those that are missing or wrong are fetched into `workFolder`. */
export async function gatherFiles(
  workspace: Workspace,
  variant: ExpectedVariant,
  workFolder: string,
  signal: AbortSignal | undefined,
  report: Report,
): Promise<GatheredFile[]> {
  const { entry } = variant;
  const { name, runtime } = variant.variant;
  const locked = await lockedFiles(workspace.lock, entry.key, name, runtime);
  const sources = new SourceClients(workspace.env);
  const gathered: GatheredFile[] = [];
  for (const [index, checked] of (await lookAtVariant(variant)).entries()) {
    const { expected } = checked;
    const { role, path } = expected.file;
    const pinned = expected.file.sha256 === undefined && !locked.has(path);
    report("checking", { file: path });
    const present = await rightInPlace(checked, signal);
    if (present !== undefined) {
      const { size, sha256, source, revision, mtimeNs } = present;
      const added = { role, path, size, sha256, source, action: "present" as const, pinned, failed: [] };
      gathered.push({ added, revision, mtimeNs, staged: undefined });
      continue;
    }
    const target = join(workFolder, `file-${index}`);
    const arrival = await fetchFile({
      workspace,
      entry,
      expected,
      target,
      workFolder,
      sources,
      signal,
      report,
    });
    const { size, sha256, source, revision, action, failed } = arrival;
    const mtimeNs = (await fileState(target))?.mtimeNs ?? "";
    const added = { role, path, size, sha256, source, action, pinned, failed };
    gathered.push({ added, revision, mtimeNs, staged: target });
  }
  return gathered;
}

/** A file of the store with the digest it must have; one that is wrong counts as not there and is fetched again. */
async function rightInPlace(
  { expected, location, state, recorded }: CheckedFile,
  signal: AbortSignal | undefined,
): Promise<RecordedFile | undefined> {
  if (location === null || state === "missing" || state === "damaged") return undefined;
  if (state === "verified" && recorded !== undefined) return recorded;
  const measured = await measure(location, signal);
  if (measured === undefined || measured.sha256 !== expected.sha256) return undefined;
  return { ...measured, source: recorded?.source ?? "store", revision: recorded?.revision ?? null };
}
