import { PatinaError } from "@patina/core";
import { stringify } from "smol-toml";
import * as v from "valibot";
import type { FoundFile } from "./check.ts";
import { exclusively } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { userOverlayFile } from "./home.ts";
import type { FileRole, ModelEntry, VariantQuality } from "./model-entry.ts";
import { decodeRegistry, parseRegistry } from "./parse.ts";
import { KEY, type RawCheck, type RawModel, type RawVariant } from "./schema.ts";
import type { Workspace } from "./workspace.ts";

const begin = (name: string): string => `# >>> patina model convert: ${name}`;
const end = (name: string): string => `# <<< patina model convert: ${name}`;

/** Whether a model may be made under this name: it is free, or a conversion made it and may be replaced. */
export async function requireFreeName(
  { catalog, home }: Workspace,
  name: string,
  force: boolean,
): Promise<void> {
  const key = v.safeParse(KEY, name);
  if (!key.success) {
    const message = `${JSON.stringify(name)} cannot name a model: a key is ${key.issues[0].message}`;
    throw new PatinaError("INVALID_INPUT", message, { key: name });
  }
  const taken = catalog.models().find((entry) => entry.key === name || entry.aliases.includes(name));
  if (taken === undefined) return;
  const text = await overlayText(home);
  const made = taken.key === name && taken.origin === "user" && blockOf(text, name) !== undefined;
  if (made && force) return;
  if (made) throw madeAlready(name);
  const message = `there is a model ${name} already (${taken.key}, ${taken.origin}); choose another name`;
  throw new PatinaError("INVALID_INPUT", message, { key: name });
}

function madeAlready(name: string): PatinaError {
  const message = `there is a model ${name} already, which a conversion made; --force replaces it`;
  return new PatinaError("INVALID_INPUT", message, { key: name });
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
  row: string,
  force: boolean,
): Promise<void> {
  const file = userOverlayFile(home);
  await exclusively(`${file}.busy`, {}, async () => {
    const text = await overlayText(home);
    const note = "# No source has these files: `patina model remove` takes this row away as well.";
    const block = `${begin(name)}\n${note}\n${row.trimEnd()}\n${end(name)}\n`;
    const old = blockOf(text, name);
    // Another conversion may have finished under this name since the name was looked at.
    if (old !== undefined && !force) throw madeAlready(name);
    const blank = text === "" || text.endsWith("\n") ? "" : "\n";
    const next =
      old !== undefined
        ? text.slice(0, old.from) + block + text.slice(old.to)
        : `${text === "" ? "version = 1\n" : text}${blank}\n${block}`;
    // Before it is written: a file that cannot be read would take every model with it.
    try {
      parseRegistry(next, file, "user");
    } catch (cause) {
      const message =
        `the row of ${name} cannot be put at the end of ${file}; write its models under headers ([models."KEY"]), ` +
        "not as an inline table, and convert again";
      throw new PatinaError("REGISTRY_INVALID", message, { file, key: name, cause });
    }
    await writeAtomically(file, next);
  });
}

/**
 * Takes the row that a conversion wrote under this name out of the user's overlay.
 *
 * @returns the overlay; `null` where it has no such row.
 */
export async function removeConvertedEntry(home: string, name: string): Promise<string | null> {
  const file = userOverlayFile(home);
  return exclusively(`${file}.busy`, {}, async () => {
    const text = await overlayText(home);
    const row = blockOf(text, name);
    if (row === undefined) return null;
    // The blank line before it came with it.
    const before = text.slice(0, row.from).replace(/\n\n$/, "\n");
    await writeAtomically(file, before + text.slice(row.to));
    return file;
  });
}

async function overlayText(home: string): Promise<string> {
  const file = userOverlayFile(home);
  const bytes = await readIfThere(file);
  return bytes === undefined ? "" : decodeRegistry(bytes, file);
}

/** Where the marks of a conversion stand in the overlay. */
function blockOf(text: string, name: string): { from: number; to: number } | undefined {
  const from = `\n${text}`.indexOf(`\n${begin(name)}\n`);
  const last = text.indexOf(`\n${end(name)}\n`, from);
  return from < 0 || last < 0 ? undefined : { from, to: last + end(name).length + 2 };
}
