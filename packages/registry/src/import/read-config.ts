import { nearest, PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Numerics } from "../model-entry.ts";
import type { RawModel } from "../schema.ts";
import { type ImportSource, readJson } from "./source.ts";

/** What `config.json` says. */
export interface ModelConfig {
  readonly architecture: RawModel["architecture"];
  /** Numbers in a vector. */
  readonly dimension: number;
  /** Positions a text can have. */
  readonly positions: number | undefined;
  /** Whether each position has a row of its own, so that there is none behind the last. */
  readonly learnsPositions: boolean;
  /** What its publisher says the safetensors are in. */
  readonly numerics: Numerics | null;
}

/** `model_type` of transformers, in the registry's words. */
const ARCHITECTURES: Readonly<Record<string, RawModel["architecture"]>> = {
  bert: "bert",
  "xlm-roberta": "xlm-roberta",
  nomic_bert: "nomic-bert",
  qwen3: "qwen3",
};

const COUNT = v.pipe(v.number(), v.integer(), v.minValue(1));
const CONFIG = v.object({
  model_type: v.string(),
  hidden_size: v.nullish(COUNT),
  max_position_embeddings: v.nullish(COUNT),
  // The names of GPT-2, which NomicBERT's own configuration uses.
  n_embd: v.nullish(COUNT),
  n_positions: v.nullish(COUNT),
  pad_token_id: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  torch_dtype: v.nullish(v.string()),
  dtype: v.nullish(v.string()),
  quantization: v.optional(v.unknown()),
});

/** XLM-R's, where a configuration leaves it out. */
const DEFAULT_PAD = 1;

/** Reads `config.json`. @throws PatinaError `UNSUPPORTED` for another architecture, `INVALID_INPUT`. */
export async function readConfig(source: ImportSource): Promise<ModelConfig> {
  const config = await readJson(source, "config.json", CONFIG);
  if (config === undefined) {
    const message = `${source.label} has no config.json, so nothing says what the model is`;
    throw new PatinaError("INVALID_INPUT", message, { file: "config.json" });
  }
  const architecture = Object.hasOwn(ARCHITECTURES, config.model_type)
    ? ARCHITECTURES[config.model_type]
    : undefined;
  if (architecture === undefined) throw otherArchitecture(source, config.model_type);
  const dimension = config.hidden_size ?? config.n_embd;
  if (dimension == null) {
    const message = `config.json of ${source.label} has no hidden_size, which is the length of its vectors`;
    throw new PatinaError("INVALID_INPUT", message, { file: "config.json", key: "hidden_size" });
  }
  const rows = config.max_position_embeddings ?? config.n_positions;
  // XLM-R counts positions from behind the padding's, so as many rows as that are never a token's.
  const unused = architecture === "xlm-roberta" ? (config.pad_token_id ?? DEFAULT_PAD) + 1 : 0;
  return {
    architecture,
    dimension,
    positions: rows == null ? undefined : rows - unused,
    learnsPositions: architecture === "bert" || architecture === "xlm-roberta",
    numerics: config.quantization === undefined ? stated(config.dtype ?? config.torch_dtype) : "nbits",
  };
}

function stated(dtype: string | null | undefined): Numerics | null {
  return dtype === "float32" || dtype === "float16" || dtype === "bfloat16" ? dtype : null;
}

function otherArchitecture(source: ImportSource, type: string): PatinaError {
  const known = Object.keys(ARCHITECTURES);
  const suggestion = nearest(type, known);
  return new PatinaError(
    "UNSUPPORTED",
    `config.json of ${source.label} says model_type ${JSON.stringify(type)}; the engines compute ${known.join(", ")}`,
    { file: "config.json", key: "model_type", ...(suggestion === undefined ? {} : { suggestion }) },
  );
}
