import { PatinaError } from "@patina/core";
import { stringify } from "smol-toml";
import type { FoundFile } from "./check.ts";
import { userOverlayFile } from "./home.ts";
import type { FileRole, ModelEntry, VariantQuality } from "./model-entry.ts";
import { hasRow, type OverlayFile, removeRow, rowExists, writeRow } from "./overlay-file.ts";
import { requireKey } from "./parse.ts";
import type { RawCheck, RawModel, RawVariant } from "./schema.ts";
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

/** The row of a converted model: its source's, with the files and the measurement of its own. */
export function convertedEntry(
  source: ModelEntry,
  name: string,
  variant: string,
  quality: VariantQuality,
  files: readonly FoundFile[],
  { name: made, runtime }: Pick<RawVariant, "name" | "runtime">,
): string {
  const rows = files.map(({ role, path, location, size, sha256 }) => ({
    ...{ role, path, size, sha256 },
    sources: [{ kind: "dir" as const, path: location }],
  }));
  const isOwn = ({ role }: { role: FileRole }): boolean => role === "weights" || role === "external-data";
  const { cosineMin, cosineMean, texts } = quality;
  const model: RawModel = {
    name: source.name,
    description: `${source.key} (${variant}) in dynamic int8, converted on this machine.`,
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
    files: rows.filter((file) => !isOwn(file)),
    variants: [
      {
        ...{ name: made, runtime, numerics: "int8-dynamic" },
        quality: { cosine_min: cosineMin, cosine_mean: cosineMean, texts },
        files: rows.filter(isOwn),
      },
    ],
  };
  return stringify({ models: { [name]: model } });
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
