import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";
import type { ModelSpec } from "@patina/native";
import { removeLeftovers } from "./add.ts";
import { type FoundFile, measure, verifyVariant } from "./check.ts";
import { type ConversionTarget, sourceVariant } from "./convert-source.ts";
import { convertedEntry, isOfWeights, requireFreeName, writeConvertedEntry } from "./converted-entry.ts";
import type { SeenVariant } from "./decide.ts";
import { exclusively } from "./exclusive.ts";
import { userOverlayFile } from "./home.ts";
import { Pins } from "./lock.ts";
import type { FileRole, ModelEntry, VariantQuality } from "./model-entry.ts";
import { updateRecord } from "./record.ts";
import { modelSpec } from "./resolve.ts";
import { requireTrust } from "./select.ts";
import { expectVariant, modelFolder, removeIfEmpty, variantFolder } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** A file that a conversion wrote. */
export interface ConvertedFile {
  readonly role: FileRole;
  /** Within the folder that it was to write into. */
  readonly path: string;
}

/** Options of `Registry.convert`: what is made of a model, and by whom, for the registry opens no model itself. */
export interface ConvertOptions {
  /** The key of the model that is made. */
  readonly name: string;
  readonly to: ConversionTarget;
  /** The variant to convert; without it the first installed one that may be in what `to` is made from. */
  readonly variant?: string | undefined;
  /** Replaces a model that a conversion made. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Writes the converted weights into `folder`, called as `weights` where they are one file, and what goes with them; says
   * which files there are. They take the place of the source's weights, and of what else has their role or path.
   */
  readonly quantize: (
    source: ModelSpec,
    folder: string,
    weights: string,
  ) => Promise<readonly ConvertedFile[]>;
  /** Measures how far the converted model is from its source; `null` where this machine cannot run them. */
  readonly measure: (source: ModelSpec, converted: ModelSpec) => Promise<VariantQuality | null>;
}

/** What `Registry.convert` did. */
export interface ConvertReport {
  readonly key: string;
  readonly name: string;
  readonly variant: string;
  /** The variant that was converted. */
  readonly source: string;
  /** `null` where it could not be measured. */
  readonly quality: VariantQuality | null;
  /** The folder that holds the files. */
  readonly folder: string;
  /** The overlay that has the model now. */
  readonly overlay: string;
  /** In bytes. */
  readonly size: number;
  readonly files: readonly FoundFile[];
}

/**
 * Makes a model of its own out of the float weights of another: files in the store, then a row in the user's
 * overlay. Whatever ends it before the last rename leaves nothing behind.
 */
export async function convertModel(
  workspace: Workspace,
  keyOrAlias: string,
  options: ConvertOptions,
): Promise<ConvertReport> {
  const { name, to, force = false, signal } = options;
  const made = { name: to.variant, runtime: to.runtime };
  const { catalog, home } = workspace;
  const entry = catalog.entry(keyOrAlias);
  requireTrust(entry);
  await requireFreeName(workspace, name, force);
  throwIfAborted(signal);
  const source = await sourceVariant(workspace, entry, options.variant, to);
  await verifyVariant(source.expected, source.files, { signal });
  const spec = modelSpec(source);
  const parent = modelFolder(home, name);
  return exclusively(`${parent}.busy`, { signal }, async () => {
    await removeLeftovers(parent);
    const work = join(parent, `.incoming-${randomBytes(6).toString("hex")}`);
    await mkdir(work, { recursive: true });
    try {
      const files = await gather(spec, source, work, options);
      const converted = { ...spec, key: name, variant: made.name, files: files.map(toSpecFile) };
      const quality = await options.measure(spec, converted);
      throwIfAborted(signal);
      const folder = variantFolder(home, name, made, files);
      const replaced = await foldersOf(workspace, name);
      const rows = files.map((file) => ({ ...file, location: join(folder, file.path) }));
      const from = source.expected.variant.name;
      const row = convertedEntry(entry, { name, from, to, quality, files: rows });
      // Files that a conversion made before stay until the row names the new ones; the same bytes lie in the same folder.
      const isSame = replaced.includes(folder);
      if (isSame) await rm(folder, { recursive: true, force: true });
      await rename(work, folder);
      await updateRecord(
        folder,
        new Map(
          files.map(({ path, size, sha256, mtimeNs }) => [path, recorded(entry, { size, sha256, mtimeNs })]),
        ),
      );
      await writeConvertedEntry(home, name, row, force).catch(async (cause) => {
        if (!isSame) await rm(folder, { recursive: true, force: true });
        throw cause;
      });
      for (const old of replaced) if (old !== folder) await rm(old, { recursive: true, force: true });
      return {
        key: name,
        name: entry.name,
        variant: made.name,
        source: from,
        quality,
        folder,
        overlay: userOverlayFile(home),
        size: files.reduce((sum, { size }) => sum + size, 0),
        files: rows.map(({ role, path, location, size, sha256 }) => ({ role, path, location, size, sha256 })),
      };
    } finally {
      await rm(work, { recursive: true, force: true });
      await removeIfEmpty(parent);
    }
  });
}

/** Where the files of a model lie that a conversion made before. */
async function foldersOf({ catalog, home, locks }: Workspace, name: string): Promise<string[]> {
  const before = catalog.models().find(({ key }) => key === name);
  if (before === undefined) return [];
  const pins = await Pins.read(locks);
  return before.variants.flatMap((variant) => expectVariant(home, pins, before, variant).folder ?? []);
}

type WorkFile = FoundFile & { readonly mtimeNs: string };

function toSpecFile({ role, location, sha256 }: WorkFile): ModelSpec["files"][number] {
  return { role, path: location, sha256 };
}

function recorded({ key }: ModelEntry, file: { size: number; sha256: string; mtimeNs: string }) {
  return { ...file, source: `converted from ${key}`, revision: null };
}

/** Converts the weights and copies what goes with them. */
async function gather(
  spec: ModelSpec,
  source: SeenVariant,
  work: string,
  { quantize, signal }: ConvertOptions,
): Promise<WorkFile[]> {
  const weights = source.files.find(({ expected }) => expected.file.role === "weights")?.expected.file.path;
  if (weights === undefined) throw new PatinaError("INTERNAL", `${spec.key} has no weights`);
  await mkdir(dirname(join(work, weights)), { recursive: true });
  const files = [...(await quantize(spec, work, weights))];
  const written = new Set(files.flatMap(({ role, path }) => (role === "other" ? [path] : [role, path])));
  for (const { expected, location } of source.files) {
    const { role, path } = expected.file;
    if (isOfWeights(expected.file) || written.has(role) || written.has(path) || location === null) continue;
    throwIfAborted(signal);
    await mkdir(dirname(join(work, path)), { recursive: true });
    await copyFile(location, join(work, path));
    files.push({ role, path });
  }
  return Promise.all(
    files.map(async (file) => {
      const location = join(work, file.path);
      const measured = await measure(location, signal);
      if (measured === undefined) throw new PatinaError("IO", `${location} is gone`, { file: location });
      return { ...file, location, ...measured };
    }),
  );
}
