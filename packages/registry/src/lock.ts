import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError, type Runtime } from "@patina/core";
import * as v from "valibot";
import { exclusively, type LockWait } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { projectFolder } from "./home.ts";
import { isProvenance } from "./sources/source.ts";

/** What the lock says of one file: the bytes that were accepted, and where they came from. */
export interface LockedFile {
  path: string;
  size: number;
  sha256: string;
  source: string;
  revision: string | null;
}

interface LockedVariant {
  variant: string;
  runtime: Runtime;
  files: LockedFile[];
}

interface Lock {
  version: 1;
  models: Record<string, LockedVariant[]>;
}

const LOCKED_FILE = v.pipe(
  v.strictObject({
    path: v.string(),
    size: v.number(),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    source: v.string(),
    revision: v.nullable(v.string()),
  }),
  v.check(
    (row) => isProvenance(row),
    ({ input: { path, source, revision } }) =>
      `${JSON.stringify(revision)} is no commit of ${path}, which comes from ${source}`,
  ),
);
const LOCKED_VARIANT = v.strictObject({
  variant: v.string(),
  runtime: v.picklist(["onnx", "mlx"]),
  files: v.array(LOCKED_FILE),
});
const LOCK: v.GenericSchema<unknown, Lock> = v.strictObject({
  version: v.literal(1),
  models: v.record(v.string(), v.array(LOCKED_VARIANT)),
});

/** The lock to write to: the project's where there is a `.patina` folder, else the one of the home folder. */
export function lockFile(home: string, projectDir: string | undefined): string {
  const folder = projectDir === undefined ? undefined : projectFolder(projectDir);
  return join(folder !== undefined && existsSync(folder) ? folder : home, "models.lock");
}

/** What the locks say of files, read once, so that one operation sees one state of them. */
export class Pins {
  /** Says nothing of any file. */
  static readonly none: Pins = new Pins([]);
  readonly #locks: readonly Lock[];

  private constructor(locks: readonly Lock[]) {
    this.#locks = locks;
  }

  /** Reads locks, the nearest first: of a file that several have, the nearest counts. */
  static async read(files: readonly string[]): Promise<Pins> {
    return new Pins(await Promise.all(files.map(readLock)));
  }

  /** The files of one variant by path; none where no lock has the variant. */
  of(key: string, { name, runtime }: { name: string; runtime: Runtime }): Map<string, LockedFile> {
    const pinned = new Map<string, LockedFile>();
    for (const lock of this.#locks) {
      const row = lock.models[key]?.find((candidate) => isRow(candidate, name, runtime));
      for (const file of row?.files ?? []) if (!pinned.has(file.path)) pinned.set(file.path, file);
    }
    return pinned;
  }

  /** Every variant that a lock has, with its model's key. */
  *rows(): Generator<{ key: string; variant: string; runtime: Runtime; files: readonly LockedFile[] }> {
    for (const lock of this.#locks) {
      for (const [key, rows] of Object.entries(lock.models)) for (const row of rows) yield { key, ...row };
    }
  }
}

/** Writes a variant's row, or takes it out when `files` is undefined. Rows of other processes stay. */
export async function updateLock(
  file: string,
  key: string,
  variant: string,
  runtime: Runtime,
  files: readonly LockedFile[] | undefined,
  wait: LockWait,
): Promise<void> {
  await exclusively(`${file}.busy`, wait, async () => {
    const lock = await readLock(file);
    const others = (lock.models[key] ?? []).filter((row) => !isRow(row, variant, runtime));
    const rows = files === undefined ? others : [...others, { variant, runtime, files: [...files] }];
    const models = { ...lock.models, [key]: rows };
    if (rows.length === 0) delete models[key];
    const text = lockText({ version: 1, models });
    if (text !== lockText(lock)) await writeAtomically(file, text);
  });
}

function isRow(row: LockedVariant, variant: string, runtime: Runtime): boolean {
  return row.variant === variant && row.runtime === runtime;
}

async function readLock(file: string): Promise<Lock> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return { version: 1, models: {} };
  try {
    return v.parse(LOCK, JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message =
      `${file} is no lock this version can read (${reason}); restore it from version control, ` +
      "or delete it and run `patina model add KEY` for each model again";
    throw new PatinaError("REGISTRY_INVALID", message, { file, cause });
  }
}

/** One text for one content, whatever order the rows came in, so that version control shows real changes only. */
function lockText(lock: Lock): string {
  const models = Object.fromEntries(
    Object.keys(lock.models)
      .sort()
      .map((key) => [key, (lock.models[key] ?? []).map(orderedVariant).sort(byVariant)]),
  );
  return `${JSON.stringify({ version: lock.version, models }, null, 2)}\n`;
}

function byVariant(a: LockedVariant, b: LockedVariant): number {
  return `${a.runtime} ${a.variant}` < `${b.runtime} ${b.variant}` ? -1 : 1;
}

function orderedVariant({ variant, runtime, files }: LockedVariant): LockedVariant {
  const ordered = files
    .map(({ path, size, sha256, source, revision }) => ({ path, size, sha256, source, revision }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { variant, runtime, files: ordered };
}
