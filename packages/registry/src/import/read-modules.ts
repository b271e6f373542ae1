import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { RawModel } from "../schema.ts";
import type { Known } from "./questions.ts";
import { type ImportSource, readJson } from "./source.ts";

/** What becomes of token vectors; what no file says is left out. */
export interface VectorModules {
  readonly pooling?: Known<RawModel["pooling"]>;
  readonly normalize?: Known<boolean>;
}

const MODULES = v.array(v.object({ path: v.string(), type: v.string() }));
const POOLING = v.looseObject({
  // The newer name and the older one.
  embedding_dimension: v.optional(v.number()),
  word_embedding_dimension: v.optional(v.number()),
  pooling_mode: v.optional(v.union([v.string(), v.array(v.string())])),
  include_prompt: v.nullish(v.boolean()),
});

const LIST = "modules.json";
/** Where sentence-transformers keeps it, with `modules.json` or without. */
const POOLING_FOLDER = "1_Pooling";

/** The modes of sentence-transformers that the engines pool by: older files have a switch for each, newer ones a word. */
const MODES: Readonly<Record<string, RawModel["pooling"]>> = {
  mean_tokens: "mean",
  mean: "mean",
  cls_token: "cls",
  cls: "cls",
  lasttoken: "last",
};
const SWITCH = "pooling_mode_";

/**
 * Reads `modules.json` and the configuration of the pooling.
 *
 * @throws PatinaError `UNSUPPORTED` for a module or a pooling that the engines do not compute: without it the vectors
 * would be others.
 */
export async function readModules(source: ImportSource, dimension: number): Promise<VectorModules> {
  const modules = await readJson(source, LIST, MODULES);
  if (modules === undefined) return pooling(source, POOLING_FOLDER, dimension);
  const kinds = modules.map(({ path, type }) => ({ path, type, kind: type.split(".").at(-1) ?? "" }));
  for (const [index, { kind, type, path }] of kinds.entries()) {
    const expected = ["Transformer", "Pooling", "Normalize"][index];
    if (kind !== expected) throw unsupportedModule(source, type, index);
    if (kind === "Transformer" && path !== "") {
      const message = `${LIST} of ${source.label} keeps the model in ${path}; only one at the top is read: import that`;
      throw new PatinaError("UNSUPPORTED", message, { file: LIST });
    }
  }
  const normalize = { value: kinds.length === 3, from: LIST };
  const folder = kinds[1]?.path;
  return { normalize, ...(folder === undefined ? {} : await pooling(source, folder, dimension)) };
}

function unsupportedModule(source: ImportSource, type: string, index: number): PatinaError {
  return new PatinaError(
    "UNSUPPORTED",
    `${LIST} of ${source.label} has ${type} as module ${index + 1}, which the engines do not compute; they compute ` +
      "a Transformer, then Pooling, then, where there is one, Normalize. Without it the vectors would be others",
    { file: LIST, key: type },
  );
}

async function pooling(source: ImportSource, folder: string, dimension: number): Promise<VectorModules> {
  const path = `${folder}/config.json`;
  const config = await readJson(source, path, POOLING);
  if (config === undefined) return {};
  const where = `${path} of ${source.label}`;
  const unsupported = (what: string): PatinaError =>
    new PatinaError("UNSUPPORTED", `${where} ${what}`, { file: path });
  if (config.include_prompt === false) {
    throw unsupported("leaves the prompt out of the pooling (include_prompt), which the engines do not");
  }
  const width = config.embedding_dimension ?? config.word_embedding_dimension;
  if (width !== undefined && width !== dimension) {
    throw unsupported(`pools vectors of ${width} numbers, and config.json says ${dimension}`);
  }
  const switchedOn = Object.keys(config).filter((key) => key.startsWith(SWITCH) && config[key] === true);
  const modes =
    config.pooling_mode === undefined
      ? switchedOn.map((key) => key.slice(SWITCH.length))
      : [config.pooling_mode].flat();
  const [mode = "", ...more] = modes;
  if (modes.length === 0) return {};
  const value = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (value === undefined || more.length > 0) {
    throw unsupported(
      `pools by ${modes.join(" and ")}; the engines pool by one of ${[...new Set(Object.values(MODES))].join(", ")}`,
    );
  }
  return { pooling: { value, from: path } };
}
