import type { AddedFile, Report } from "./add-report.ts";
import { type CheckedFile, lookAtVariant, measure } from "./check.ts";
import { fetchFile } from "./fetch-file.ts";
import type { MeasuredFile } from "./files.ts";
import type { LockedFile } from "./lock.ts";
import { moveDamaged, stillDamaged } from "./mend.ts";
import { FILES_AT_ONCE, inParallel } from "./parallel.ts";
import type { Provenance } from "./record.ts";
import type { DamagedFile } from "./set-aside.ts";
import type { SourceClients } from "./sources/index.ts";
import type { ExpectedVariant } from "./store.ts";
import { Totals } from "./totals.ts";
import type { Workspace } from "./workspace.ts";

/** The files to bring together, and what is needed for it. */
export interface GatherJob {
  readonly workspace: Workspace;
  readonly variant: ExpectedVariant;
  /** What the lock that is written to has of them. */
  readonly locked: ReadonlyMap<string, LockedFile>;
  /** Only the source that the lock names. */
  readonly frozen: boolean;
  readonly workFolder: string;
  readonly sources: SourceClients;
  readonly signal: AbortSignal | undefined;
  readonly report: Report;
}

/** A file whose bytes are right, in place or waiting to be moved there. */
export interface GatheredFile extends Omit<AddedFile, "location"> {
  readonly revision: string | null;
  readonly mtimeNs: string;
  readonly downloaded: string | undefined;
  /** Where the file waits to be moved into the variant's folder; `undefined` where it stays at `location`. */
  readonly staged: string | undefined;
  readonly location: string | undefined;
  /** What the lock shall say of its origin. */
  readonly origin: Provenance;
}

/** Brings together all files of a variant, several at once; those that are missing or wrong are fetched. */
export async function gatherFiles(job: GatherJob): Promise<GatheredFile[]> {
  const { workspace, variant, signal } = job;
  const totals = new Totals(variant.files.map(({ file: { path }, size }) => ({ path, size })));
  const report: Report = (phase, rest = {}) => {
    const { file, bytes, total } = rest;
    if (phase === "fetching" && file && bytes) totals.note(file, bytes, total ?? null);
    job.report(phase, { ...rest, all: totals.now });
  };
  const files = await lookAtVariant(workspace.hub, variant);
  return inParallel(FILES_AT_ONCE, files, signal, async (checked, index, stop) => {
    const gathered = await gatherFile({ ...job, signal: stop, report }, checked, index);
    totals.finish(gathered.path, gathered.size);
    report("here", { file: gathered.path });
    return gathered;
  });
}

async function gatherFile(job: GatherJob, checked: CheckedFile, index: number): Promise<GatheredFile> {
  const { expected, location, recorded, provenance } = checked;
  const { file, pin } = expected;
  const { role, path } = file;
  const { signal, report } = job;
  const isNew = (sha256: string): boolean =>
    file.sha256 === undefined && job.locked.get(path)?.sha256 !== sha256;
  report("checking", { file: path });
  const seen = await readInPlace(checked, signal);
  if (seen !== undefined && seen.sha256 === expected.sha256) {
    return {
      ...{ role, path, size: seen.size, sha256: seen.sha256, mtimeNs: seen.mtimeNs, ...provenance },
      ...{ action: "present", pinned: isNew(seen.sha256), failed: [], damaged: null },
      ...{ downloaded: recorded?.downloaded, staged: undefined, location: location ?? undefined },
      origin: pin ?? provenance,
    };
  }
  let damaged: DamagedFile | null = null;
  if (seen !== undefined && location !== null) {
    damaged = await moveDamaged(job, checked, location, seen.sha256);
  }
  try {
    const onDamaged = (found: DamagedFile): void => {
      damaged = found;
    };
    const arrival = await fetchFile({ ...job, expected, index, onDamaged });
    const { size, sha256, mtimeNs, source, revision, action, failed } = arrival;
    return {
      ...{ role, path, size, sha256, source, revision, mtimeNs, action, failed, damaged },
      ...{ pinned: isNew(sha256), downloaded: arrival.downloaded },
      staged: arrival.isStaged ? arrival.location : undefined,
      location: arrival.isStaged ? undefined : arrival.location,
      origin: action === "reused" && pin !== undefined ? pin : { source, revision },
    };
  } catch (cause) {
    throw damaged === null ? cause : stillDamaged(job.variant, damaged, cause);
  }
}

/** What is at a file's place: by the record where that holds, else by reading it. */
async function readInPlace(
  { location, state, recorded }: CheckedFile,
  signal: AbortSignal | undefined,
): Promise<MeasuredFile | undefined> {
  if (location === null || state === "missing") return undefined;
  if (state === "verified" && recorded !== undefined) return recorded;
  return measure(location, signal);
}
