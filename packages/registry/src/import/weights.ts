import { posix } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Numerics } from "../model-entry.ts";
import { unsafePathReason } from "../safe-path.ts";
import type { RawModel, RawVariant } from "../schema.ts";
import type { RawFile } from "../schema-file.ts";
import type { ModelConfig } from "./read-config.ts";
import { type ImportSource, readJson } from "./source.ts";

/** The files that a model's entry names: those all variants share, and the variants. */
export type ModelFiles = Pick<Required<RawModel>, "files" | "variants">;

/** Architectures that the registry has rows for MLX of. */
const ON_MLX: readonly RawModel["architecture"][] = ["bert", "xlm-roberta", "qwen3"];

const CONFIG = "config.json";
const TOKENIZER = "tokenizer.json";
const SAFETENSORS = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** `auto` reads variants in this order: the nearest to the trained weights first. */
const ORDER: readonly (Numerics | null)[] = [
  "float32",
  "bfloat16",
  "float16",
  "int8-weights",
  "nbits",
  "int8-dynamic",
  null,
];

/** How a variant is called whose file has no name of its own. */
const LABELS: Readonly<Record<Numerics, string>> = {
  float32: "fp32",
  float16: "fp16",
  bfloat16: "bf16",
  "int8-weights": "int8",
  "int8-dynamic": "int8",
  nbits: "nbits",
};

/** A variant before its files were read. */
interface Draft {
  readonly runtime: RawVariant["runtime"];
  readonly name: string;
  readonly numerics: Numerics | null;
  readonly files: readonly (readonly [role: RawFile["role"], path: string])[];
}

/** Finds tokenizer and configuration, ONNX files with the data they keep elsewhere, and safetensors, and makes rows of them. */
export async function readFiles(
  source: ImportSource,
  config: ModelConfig,
  stated: Readonly<Record<string, Numerics>>,
): Promise<ModelFiles> {
  if (!source.paths.includes(TOKENIZER)) {
    const message =
      `${source.label} has no ${TOKENIZER}, the one form of a tokenizer that is read; transformers writes it ` +
      "(`AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)`)";
    throw new PatinaError("INVALID_INPUT", message, { file: TOKENIZER });
  }
  const drafts = withNumerics(source, [...(await onnx(source)), ...(await mlx(source, config))], stated);
  if (drafts.length === 0) {
    const message =
      `${source.label} has no weights that are read: no *.onnx at its top or in onnx/` +
      (ON_MLX.includes(config.architecture)
        ? `, no ${SAFETENSORS}`
        : `; ${config.architecture} runs from ONNX alone`);
    throw new PatinaError("INVALID_INPUT", message, { file: source.label });
  }
  // One row a path: variants may share a file, and a digest of gigabytes is computed once.
  const rows = new Map<string, Promise<RawFile>>();
  const row = ([role, path]: readonly [RawFile["role"], string]): Promise<RawFile> => {
    const made = rows.get(path) ?? source.row(role, path);
    rows.set(path, made);
    return made;
  };
  // The engines hold the token limit against the configuration, and tell a run's memory from it.
  const files = [await row(["tokenizer", TOKENIZER]), await row(["config", CONFIG])];
  const variants: RawVariant[] = [];
  for (const { name, runtime, numerics, files: own } of drafts) {
    const made: RawFile[] = [];
    for (const file of own) made.push(await row(file));
    variants.push({ name, runtime, ...(numerics === null ? {} : { numerics }), files: made });
  }
  return { files, variants };
}

async function onnx(source: ImportSource): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const path of source.paths.filter((each) => each.endsWith(".onnx"))) {
    const { numerics, dataFiles } = await source.describeWeights(path);
    for (const file of dataFiles) await checkDataFile(source, path, file);
    const stem = posix.basename(path, ".onnx").toLowerCase();
    const own = stem === "model" ? "" : stem.replace(/^model[_-]/, "");
    const name = uniqueName(own || (numerics === null ? stem : LABELS[numerics]), path, drafts);
    const data = dataFiles.map((file) => ["external-data", file] as const);
    drafts.push({ runtime: "onnx", name, numerics, files: [["weights", path], ...data] });
  }
  return drafts;
}

async function checkDataFile(source: ImportSource, path: string, file: string): Promise<void> {
  const reason = unsafePathReason(file);
  if (reason !== undefined) {
    const message = `${path} of ${source.label} keeps tensors in ${JSON.stringify(file)}, a path that ${reason}`;
    throw new PatinaError("INTEGRITY", message, { file: path });
  }
  if (await source.has(file)) return;
  const message = `${path} of ${source.label} keeps tensors in ${file}, which is not there; fetch it as well`;
  throw new PatinaError("INVALID_INPUT", message, { file });
}

/** What the schema takes for a name, and no other variant has. */
function uniqueName(wanted: string, path: string, others: readonly Draft[]): string {
  const clean = (text: string): string =>
    text.replace(/[^a-z0-9._-]+/g, "-").replace(/^[^a-z0-9]+/, "") || "onnx";
  const name = clean(wanted).slice(0, 40);
  if (others.every((other) => other.name !== name)) return name;
  return clean(path.toLowerCase().replace(/\.onnx$/, "")).slice(-40);
}

async function mlx(source: ImportSource, config: ModelConfig): Promise<Draft[]> {
  if (!ON_MLX.includes(config.architecture)) return [];
  const shards = await weightFiles(source);
  const [first] = shards;
  if (first === undefined) return [];
  const read = config.numerics === "nbits" ? config.numerics : (await source.describeWeights(first)).numerics;
  const numerics = read ?? config.numerics;
  const index = source.paths.includes(INDEX) && shards[0] !== SAFETENSORS ? [["other", INDEX] as const] : [];
  const files = [...index, ...shards.map((path) => ["weights", path] as const)];
  return [{ runtime: "mlx", name: numerics === null ? "safetensors" : LABELS[numerics], numerics, files }];
}

async function weightFiles(source: ImportSource): Promise<string[]> {
  if (source.paths.includes(SAFETENSORS)) return [SAFETENSORS];
  const index = await readJson(source, INDEX, v.object({ weight_map: v.record(v.string(), v.string()) }));
  const shards = [...new Set(Object.values(index?.weight_map ?? {}))].sort();
  for (const shard of shards) await checkDataFile(source, INDEX, shard);
  return shards;
}

/** Adds what a person said of files that nobody opened, and sorts: best first within a runtime, ONNX first. */
function withNumerics(
  source: ImportSource,
  drafts: readonly Draft[],
  stated: Readonly<Record<string, Numerics>>,
): Draft[] {
  for (const name of Object.keys(stated)) {
    const draft = drafts.find((each) => each.name === name);
    const names = drafts.map((each) => each.name).join(", ");
    if (draft === undefined) {
      const message = `--numerics names the variant ${JSON.stringify(name)}; ${source.label} has ${names}`;
      throw new PatinaError("INVALID_INPUT", message, { key: name });
    }
    if (draft.numerics !== null && draft.numerics !== stated[name]) {
      const message = `--numerics says ${name}=${stated[name]}, and the file itself is in ${draft.numerics}; leave it out`;
      throw new PatinaError("INVALID_INPUT", message, { key: name, expected: draft.numerics });
    }
  }
  const full = drafts.map((draft) => ({ ...draft, numerics: draft.numerics ?? stated[draft.name] ?? null }));
  const rank = ({ runtime, numerics }: Draft): number =>
    (runtime === "onnx" ? 0 : ORDER.length) + ORDER.indexOf(numerics);
  return full.toSorted((a, b) => rank(a) - rank(b));
}
