import * as v from "valibot";

/**
 * The schema of `registry.toml` and of its overlays: declarative, so that the JSON Schema for editors is generated
 * from it and a reader in another language can be held against it. Rules that span several keys are in `rules.ts`.
 */

/** A model's key names a folder of the store, so it stays within what every file system takes. */
const KEY = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9._-]{0,99}$/,
    "lower-case letters, digits, '.', '_' and '-', beginning with a letter or a digit",
  ),
);
const SHA256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits"));
const TEXT = v.pipe(v.string(), v.minLength(1, "some text"));
const COUNT = v.pipe(v.number(), v.integer("a whole number"), v.minValue(1, "1 or more"));

const HUB_SOURCE = v.strictObject({
  kind: v.literal("hub"),
  repo: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, "OWNER/NAME of a repository on the hub"),
  ),
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

/** One set of weights for one runtime. */
const VARIANT = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, "a short name such as fp32, int8 or q4")),
  runtime: v.picklist(["onnx", "mlx"]),
  files: v.pipe(v.array(FILE), v.minLength(1, "at least one file")),
});

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

/** A variant as it is written. */
export interface RawVariant {
  name: string;
  runtime: "onnx" | "mlx";
  files: RawFile[];
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
