import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { exclusively, type LockWait } from "./exclusive.ts";
import { isSystemError, type MeasuredFile, readIfThere, writeAtomically } from "./files.ts";
import { RECORD_NAME } from "./rules.ts";
import { isProvenance } from "./sources/source.ts";

/** What was true of a file when its digest was last computed. */
export interface RecordedFile extends MeasuredFile, Provenance {
  /** Where this store put it into the hub's cache, absolute: so it may take it away again. */
  readonly downloaded?: string | undefined;
}

const RECORD: v.GenericSchema<unknown, { files: Record<string, RecordedFile> }> = v.strictObject({
  version: v.literal(1),
  files: v.record(
    v.string(),
    v.pipe(
      v.strictObject({
        size: v.number(),
        mtimeNs: v.string(),
        sha256: v.string(),
        source: v.string(),
        revision: v.nullable(v.string()),
        downloaded: v.optional(v.string()),
      }),
      v.check((file) => isProvenance(file)),
    ),
  ),
});

/** Where a file's bytes came from, in words, and which revision of it. */
export interface Provenance {
  readonly source: string;
  readonly revision: string | null;
}

/**
 * The record of a folder of the store, by path. It is a shortcut and no truth: one that is missing or damaged reads
 * as empty, and every file is digested again.
 */
export async function readRecord(folder: string): Promise<Map<string, RecordedFile>> {
  const bytes = await readIfThere(join(folder, RECORD_NAME));
  if (bytes === undefined) return new Map();
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString("utf8"));
  } catch {
    return new Map();
  }
  const result = v.safeParse(RECORD, document);
  return new Map(result.success ? Object.entries(result.output.files) : []);
}

/** Puts what was just computed of some files into the folder's record; `undefined` takes a file out of it. */
export async function updateRecord(
  folder: string,
  files: ReadonlyMap<string, RecordedFile | undefined>,
  wait: LockWait = {},
): Promise<void> {
  const file = join(folder, RECORD_NAME);
  try {
    await exclusively(`${file}.busy`, wait, async () => {
      const all = await readRecord(folder);
      for (const [path, file] of files) {
        if (file === undefined) {
          all.delete(path);
          continue;
        }
        const { size, mtimeNs, sha256, source, revision, downloaded } = file;
        all.set(path, { size, mtimeNs, sha256, source, revision, ...(downloaded ? { downloaded } : {}) });
      }
      const ordered = Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
      await writeAtomically(file, `${JSON.stringify({ version: 1, files: ordered }, null, 2)}\n`);
    });
  } catch (cause) {
    // A store that is shared read-only works; it only digests its files on every load.
    if (!isSystemError(cause, "EACCES", "EPERM", "EROFS")) throw cause;
  }
}

/** Size and time of change of a file, or `undefined` when there is no such file. */
export async function fileState(file: string): Promise<{ size: number; mtimeNs: string } | undefined> {
  try {
    const state = await stat(file, { bigint: true });
    if (!state.isFile()) return undefined;
    return { size: Number(state.size), mtimeNs: state.mtimeNs.toString() };
  } catch (cause) {
    if (isSystemError(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw cause;
  }
}
