import * as v from "valibot";
import { FILE, type RawFile } from "./schema-file.ts";
import { COUNT, TEXT, told } from "./schema-words.ts";

/**
 * The schema of `registry.toml` and of its overlays: declarative, so that the JSON Schema for editors is generated
 * from it and a reader in another language can be held against it. Rules that span several keys are in `rules.ts`.
 */

/** A model's key names a folder of the store, so it stays within what every file system takes. */
export const KEY: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9._-]{0,99}$/,
    "lower-case letters, digits, '.', '_' and '-', beginning with a letter or a digit",
  ),
);
const COSINE = v.pipe(v.number(), v.minValue(-1, "-1 or more"), v.maxValue(1, "1 or less"));
const TOLERANCE = v.pipe(
  v.number(),
  v.gtValue(0, "more than 0"),
  v.maxValue(1, "1 or less: what is further apart is another vector"),
);

const NUMERICS = v.pipe(
  v.picklist(["float32", "float16", "bfloat16", "int8-dynamic", "int8-weights", "nbits"]),
  v.description(
    "What the variant stores and computes in. int8-dynamic: activations quantised as well, at each run; " +
      "int8-weights: weights alone, activations stay float32; nbits: weights in blocks of 8 bits or fewer.",
  ),
);
const QUALITY = v.pipe(
  v.strictObject({
    cosine_min: told(COSINE, "Of the text whose two vectors are furthest apart."),
    cosine_mean: told(COSINE, "Over all texts; `auto` compares it with its tolerance."),
    texts: told(COUNT, "How many texts it was measured on."),
  }),
  v.description(
    "A measurement: lowest and mean cosine of the variant's vectors with those of the same model in float32, " +
      "over so many texts. `variant: auto` takes a variant that is not float32 by this alone.",
  ),
);

/** One set of weights for one runtime. */
const VARIANT = v.strictObject({
  name: told(
    v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, "a short name such as fp32, int8 or q4")),
    "A short name such as fp32, int8 or q4. It decides nothing: numerics does.",
  ),
  runtime: told(v.picklist(["onnx", "mlx"]), "The runtime these files are for."),
  numerics: v.optional(NUMERICS),
  quality: v.optional(QUALITY),
  weights_size: v.optional(
    told(
      COUNT,
      "Bytes of the weights, roughly, where the sizes of the files are not known before they are fetched. Whether " +
        "the model fits into a machine's memory follows from it.",
    ),
  ),
  files: told(
    v.pipe(v.array(FILE), v.minLength(1, "at least one file")),
    "The variant's own files, beside those that all variants share.",
  ),
});

const TEXTS = v.pipe(v.array(TEXT), v.minLength(1, "at least one text"));
const CHECK = v.pipe(
  v.strictObject({
    queries: told(TEXTS, "Embedded under query_template."),
    documents: told(TEXTS, "Embedded under passage_template."),
    scores: told(v.array(v.array(COSINE)), "One row a query, one cosine a document."),
    tolerance: told(TOLERANCE, "Largest difference of a score in float32."),
    tolerances: v.optional(
      told(
        v.strictObject({
          float16: v.optional(told(TOLERANCE, "For weights in float16.")),
          bfloat16: v.optional(told(TOLERANCE, "For weights in bfloat16.")),
          "int8-dynamic": v.optional(told(TOLERANCE, "For weights and activations in int8.")),
          "int8-weights": v.optional(told(TOLERANCE, "For weights alone in int8.")),
          nbits: v.optional(told(TOLERANCE, "For weights in blocks of 8 bits or fewer.")),
        }),
        "Largest difference of a score in other numerics, none below tolerance.",
      ),
    ),
    source: told(TEXT, "Who computed the scores, and with what."),
  }),
  v.description(
    "What `patina model verify` holds a whole installation against: scores[i][j] is the cosine of queries[i] with " +
      "documents[j], each under its template. tolerance is the largest difference in float32, tolerances that in " +
      "other numerics; source says who computed the scores.",
  ),
);

/** One model. */
const MODEL = v.strictObject({
  name: told(TEXT, "The name for people."),
  description: told(TEXT, "What the model is good for, in a sentence."),
  license: told(TEXT, "The licence of the weights, as SPDX writes it (MIT, Apache-2.0)."),
  architecture: told(
    v.picklist(["bert", "xlm-roberta", "nomic-bert", "qwen3"]),
    "The family of the network (model_type in config.json).",
  ),
  dimension: told(COUNT, "Numbers in a full vector."),
  min_dimension: v.optional(
    told(COUNT, "The shortest cut the model was trained for (MRL); without it vectors are not cut."),
  ),
  max_tokens: told(
    COUNT,
    "Tokens a text may have, special tokens included; what is longer is cut, and reported.",
  ),
  pooling: told(
    v.picklist(["mean", "cls", "last"]),
    "How token vectors become one: their mean, the first one, or the last one.",
  ),
  normalize: told(v.boolean(), "Whether vectors are brought to unit length."),
  query_template: v.optional(
    told(
      v.string(),
      "Put around a query: {text} once, {task} where the model takes one. Without it the text alone.",
    ),
  ),
  passage_template: v.optional(told(v.string(), "Put around a passage, as query_template around a query.")),
  default_task: v.optional(told(TEXT, "Fills {task} where nobody names one.")),
  aliases: v.optional(told(v.array(KEY), "Other keys of the model.")),
  check: v.optional(CHECK),
  files: v.optional(told(v.array(FILE), "Files that all variants share, such as the tokenizer.")),
  variants: told(
    v.pipe(v.array(VARIANT), v.minLength(1, "at least one variant")),
    "The sets of weights, best first within a runtime: that is their order for `auto`.",
  ),
});

/** What a variant stores and computes in, as it is written. */
export type RawNumerics = "float32" | "float16" | "bfloat16" | "int8-dynamic" | "int8-weights" | "nbits";

/** A variant's distance from float32 as it is written. */
export interface RawQuality {
  cosine_min: number;
  cosine_mean: number;
  texts: number;
}

/** A variant as it is written. */
export interface RawVariant {
  name: string;
  runtime: "onnx" | "mlx";
  numerics?: RawNumerics | undefined;
  quality?: RawQuality | undefined;
  weights_size?: number | undefined;
  files: RawFile[];
}

/** A model's check as it is written. */
export interface RawCheck {
  queries: string[];
  documents: string[];
  scores: number[][];
  tolerance: number;
  tolerances?: { [numerics in Exclude<RawNumerics, "float32">]?: number | undefined } | undefined;
  source: string;
}

/** A model as it is written. */
export interface RawModel {
  name: string;
  description: string;
  license: string;
  architecture: "bert" | "xlm-roberta" | "nomic-bert" | "qwen3";
  dimension: number;
  min_dimension?: number | undefined;
  max_tokens: number;
  pooling: "mean" | "cls" | "last";
  normalize: boolean;
  query_template?: string | undefined;
  passage_template?: string | undefined;
  default_task?: string | undefined;
  aliases?: string[] | undefined;
  check?: RawCheck | undefined;
  files?: RawFile[] | undefined;
  variants: RawVariant[];
}

/** A file's contents as they are written. */
export interface RawRegistry {
  version: 1;
  models?: Record<string, RawModel> | undefined;
}

/** A whole file. The declared type is checked against the schema: neither can change alone. */
export const REGISTRY: v.GenericSchema<unknown, RawRegistry> = v.strictObject({
  version: told(v.literal(1), "The version of this format."),
  models: v.optional(
    told(
      v.record(KEY, MODEL),
      "Models by key. An overlay's entry takes the place of a whole entry of that key.",
    ),
  ),
});
