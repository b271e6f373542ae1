import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PatinaError, type Runtime, throwIfAborted } from "@patina/core";
import type { ModelSpec } from "@patina/native";
import { removeLeftovers } from "./add.ts";
import { type FoundFile, isInstalled, measure, verifyVariant } from "./check.ts";
import { convertedEntry, isOfWeights, requireFreeName, writeConvertedEntry } from "./converted-entry.ts";
import { lookAt, type SeenVariant } from "./decide.ts";
import { exclusively } from "./exclusive.ts";
import { userOverlayFile } from "./home.ts";
import { Pins } from "./lock.ts";
import type { FileRole, ModelEntry, Numerics, VariantQuality } from "./model-entry.ts";
import { updateRecord } from "./record.ts";
import { modelSpec } from "./resolve.ts";
import { fittingVariants, requireTrust, variantLabel } from "./select.ts";
import { expectVariant, modelFolder, removeIfEmpty, variantFolder } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** What a conversion makes, and out of what. */
export interface ConversionTarget {
  /** The name of the one variant that a converted model has. */
  readonly variant: string;
  /** Of the source as well. */
  readonly runtime: Runtime;
  readonly numerics: Numerics;
  /** What the source may be in, best first. */
  readonly from: readonly Numerics[];
  /** What was made, for the model's description: `dynamic int8`. */
  readonly what: string;
}

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

/** An installed variant that the target may be made from, for its numerics say so or nothing: the core sees the file. */
async function sourceVariant(
  workspace: Workspace,
  entry: ModelEntry,
  name: string | undefined,
  { runtime, from }: ConversionTarget,
): Promise<SeenVariant> {
  const fits = fittingVariants(entry, { variant: name, runtime });
  const float = fits.filter(({ numerics }) => numerics === undefined || from.includes(numerics));
  if (float.length === 0) {
    throw new PatinaError(
      "VARIANT_UNKNOWN",
      `${entry.key} has no ${from.join(", ")} variant for ${runtime} to convert; it has ${entry.variants
        .map((variant) => `${variantLabel(variant)}: ${variant.numerics ?? "numerics not stated"}`)
        .join(", ")}`,
      { key: entry.key },
    );
  }
  const known = from.flatMap((numerics) => float.filter((variant) => variant.numerics === numerics));
  const candidates = known.length > 0 ? known : float;
  const pins = await Pins.read(workspace.locks);
  for (const variant of candidates) {
    const seen = await lookAt(workspace, pins, entry, variant);
    if (isInstalled(seen.files)) return seen;
  }
  const [first] = candidates;
  throw new PatinaError(
    "MODEL_MISSING",
    `the ${first?.numerics ?? from[0]} variant of ${entry.key} is not on this machine; run ` +
      `\`patina model add ${entry.key} --variant ${first?.name} --runtime ${runtime}\``,
    { key: entry.key },
  );
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
