import { PatinaError } from "@patina/core";
import { stringify } from "smol-toml";
import type { FoundFile } from "./check.ts";
import type { ConversionTarget } from "./convert-source.ts";
import { userOverlayFile } from "./home.ts";
import type { FileRole, ModelEntry, VariantQuality } from "./model-entry.ts";
import { hasRow, type OverlayFile, removeRow, rowExists, writeRow } from "./overlay-file.ts";
import { requireKey } from "./parse.ts";
import type { RawCheck, RawModel, RawQuality } from "./schema.ts";
import type { Workspace } from "./workspace.ts";

/** Whether a model may be made under this name: it is free, or a conversion made it and may be replaced. */
export async function requireFreeName(
  { catalog, home }: Workspace,
  name: string,
  force: boolean,
): Promise<void> {
  requireKey(name);
  const taken = catalog.models().find((entry) => entry.key === name || entry.aliases.includes(name));
  if (taken === undefined) return;
  const row = { command: "convert", key: name } as const;
  const made = taken.key === name && taken.origin === "user" && (await hasRow(userOverlay(home), row));
  if (made && force) return;
  if (made) throw rowExists(row);
  const message = `there is a model ${name} already (${taken.key}, ${taken.origin}); choose another name`;
  throw new PatinaError("INVALID_INPUT", message, { key: name });
}

/** What a conversion made, beside what its source says of it. */
export interface Conversion {
  readonly name: string;
  /** The source's variant. */
  readonly from: string;
  readonly to: ConversionTarget;
  readonly quality: VariantQuality | null;
  readonly files: readonly FoundFile[];
}

/** How the file is called that says which tensor is in which of several files. */
const INDEX = ".safetensors.index.json";

/** Whether a file holds weights or says where they are. */
export function isOfWeights({ role, path }: { readonly role: FileRole; readonly path: string }): boolean {
  return role === "weights" || role === "external-data" || (role === "other" && path.endsWith(INDEX));
}

/** The row of a converted model: its source's, with the files and the measurement of its own. */
export function convertedEntry(source: ModelEntry, { name, from, to, quality, files }: Conversion): string {
  const rows = files.map(({ role, path, location, size, sha256 }) => ({
    ...{ role, path, size, sha256 },
    sources: [{ kind: "dir" as const, path: location }],
  }));
  const model: RawModel = {
    name: source.name,
    description: `${source.key} (${from}) in ${to.what}, converted on this machine.`,
    license: source.license,
    architecture: source.architecture,
    dimension: source.dimension,
    ...(source.minDimension === undefined ? {} : { min_dimension: source.minDimension }),
    max_tokens: source.maxTokens,
    pooling: source.pooling,
    normalize: source.normalize,
    ...(source.queryTemplate === undefined ? {} : { query_template: source.queryTemplate }),
    ...(source.passageTemplate === undefined ? {} : { passage_template: source.passageTemplate }),
    ...(source.defaultTask === undefined ? {} : { default_task: source.defaultTask }),
    ...(source.check === undefined ? {} : { check: structuredClone(source.check) as RawCheck }),
    files: rows.filter((file) => !isOfWeights(file)),
    variants: [
      {
        ...{ name: to.variant, runtime: to.runtime, numerics: to.numerics },
        ...(quality === null ? {} : { quality: rawQuality(quality) }),
        files: rows.filter(isOfWeights),
      },
    ],
  };
  return stringify({ models: { [name]: model } });
}

function rawQuality({ cosineMin, cosineMean, texts }: VariantQuality): RawQuality {
  return { cosine_min: cosineMin, cosine_mean: cosineMean, texts };
}

/** Puts the row into the user's overlay: in place of what a conversion wrote under this name, else at its end. */
export async function writeConvertedEntry(
  home: string,
  name: string,
  toml: string,
  force: boolean,
): Promise<void> {
  const note = "No source has these files: `patina model remove` takes this row away as well.";
  await writeRow(userOverlay(home), { command: "convert", key: name, note, toml }, force);
}

/**
 * Takes the row that a conversion wrote under this name out of the user's overlay.
 *
 * @returns the overlay; `null` where it has no such row.
 */
export async function removeConvertedEntry(home: string, name: string): Promise<string | null> {
  const overlay = userOverlay(home);
  return (await removeRow(overlay, { command: "convert", key: name })) ? overlay.file : null;
}

function userOverlay(home: string): OverlayFile {
  return { file: userOverlayFile(home), origin: "user" };
}
