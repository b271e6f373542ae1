import * as v from "valibot";
import { PROJECTION_NAMES, type ProjectionName } from "./recipe.ts";

/*
 * The recipe as it stands in the file. Every object is strict and every default is written here, once;
 * `null` is only taken where it means something, so an empty `runtime:` is an error and not a default.
 */

const count = v.pipe(
  v.number("must be a whole number from 1"),
  v.safeInteger("must be a whole number from 1"),
  v.minValue(1, "must be a whole number from 1"),
);

const modelKey = v.pipe(
  v.string("must be the key of a model, such as all-minilm-l6-v2"),
  v.regex(/^[^\s\p{Cc}]+$/u, "must be the key of a model, without spaces"),
);

const variantName = v.pipe(
  v.string('must be "auto" or the name of a variant, such as "fp32"'),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be "auto" or the name of a variant, such as "fp32"'),
);

const glob = v.pipe(
  v.string("must be a glob in quotes"),
  v.minLength(1, "must not be an empty glob"),
  v.check(
    (text) => !text.startsWith("!"),
    'must not begin with "!"; list it under `exclude` without the "!"',
  ),
  v.check(
    (text) => !text.startsWith("/") && !text.split("/").includes(".."),
    'must be relative to the project, without a leading "/" and without ".."',
  ),
);

const globs = v.array(glob, "must be a list of globs");

const file = v.pipe(
  v.string("must be a path in quotes"),
  v.regex(/^[^\\\p{Cc}]+$/u, 'must be a path with "/"'),
  v.check(
    (text) => text.split("/").every((part) => !["", ".", ".."].includes(part)),
    'must be relative to the project, without a leading "/" and without ".."',
  ),
);

const files = v.array(file, "must be a list of paths");

/** `2024-05-01`, or with a time and a zone; a time without a zone would mean another moment on each machine. */
const moment = v.pipe(
  v.string("must be null or a date such as 2024-05-01"),
  v.regex(
    /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/,
    "must be null or a date such as 2024-05-01 (or 2024-05-01T08:00:00Z)",
  ),
  v.check((text) => parseMoment(text) !== null, "must be a date that exists"),
);

/** Unix seconds of a date that {@link moment} let through; null where the calendar has no such day. */
export function parseMoment(text: string): number | null {
  const milliseconds = Date.parse(text.replace(" ", "T"));
  if (Number.isNaN(milliseconds)) return null;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  // Date.parse rolls 2024-02-30 over to March in some engines and refuses it in others.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text.slice(0, 10)) return null;
  return Math.floor(milliseconds / 1000);
}

const memoryUnits: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const memoryMessage = 'must be null, a number of bytes, or a size such as "512MiB" or "2GiB"';

const memory = v.union(
  [
    count,
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,5}(?:KiB|MiB|GiB)$/),
      v.transform((text) => Number.parseInt(text, 10) * (memoryUnits[text.slice(-3)] ?? 1)),
    ),
  ],
  memoryMessage,
);

/** A number of `[low, high]`. */
function between(low: number, high: number) {
  const message = `must be a number from ${low} to ${high}`;
  return v.pipe(v.number(message), v.minValue(low, message), v.maxValue(high, message));
}

const gate = v.strictObject({
  metric: v.optional(
    v.pipe(
      v.string("must be a metric, such as ndcg@10"),
      v.regex(/^(?:ndcg|mrr|recall|precision|map|hit)@[1-9]\d{0,3}$/, "must be a metric, such as ndcg@10"),
    ),
    "ndcg@10",
  ),
  margin: v.optional(between(0, 1), 0.01),
  alpha: v.optional(between(0.0001, 0.5), 0.05),
  accept: v.optional(v.picklist(["better"], 'must be "better"'), "better"),
  max_latency_ratio: v.optional(v.nullable(between(0.01, 1000)), null),
  max_memory: v.optional(v.nullable(memory), null),
});

function projection(layers: 2 | 3) {
  const message =
    layers === 2
      ? "must be two numbers: the hidden layer's width and the output's"
      : "must be three numbers in a recipe of version 1: the input's width, the hidden layer's and the output's";
  const widths = v.pipe(v.array(count, message), v.length(layers, message));
  return v.strictObject({
    layers: layers === 2 ? v.optional(widths, [1024, 256]) : widths,
    epochs: v.optional(count, 10),
    batch_size: v.optional(count, 32),
  });
}

function projections(layers: 2 | 3) {
  const head = v.optional(projection(layers));
  return v.strictObject(v.entriesFromList(PROJECTION_NAMES, head));
}

const sources = v.strictObject({
  code: v.optional(
    v.strictObject({ include: v.optional(globs, ["**/*"]), exclude: v.optional(globs, []) }),
    {},
  ),
  commits: v.optional(v.strictObject({ since: v.optional(v.nullable(moment), null) }), {}),
  notes: v.optional(v.strictObject({ include: v.optional(globs, ["layer/**/*.md", "docs/**/*.md"]) }), {}),
  pairs: v.optional(v.strictObject({ files: v.optional(files, [".patina/pairs.jsonl"]) }), {}),
});

const weight = between(0, 1000);

/** All lists or none: a default beside a number of one's own would change with the default. */
const search = v.strictObject({
  weights: v.optional(
    v.nullable(
      v.pipe(
        v.strictObject({ "full-text": weight, vectors: weight, history: weight }),
        v.check(
          (weights) => weights["full-text"] + weights.vectors > 0,
          "must have full-text or vectors above 0: they find the commits of history",
        ),
      ),
    ),
    null,
  ),
});

function recipe(version: 1 | 2) {
  return v.strictObject({
    version: v.optional(v.picklist([1, 2], "must be 1 or 2"), 2),
    embedding_model: modelKey,
    runtime: v.optional(v.picklist(["auto", "onnx", "mlx"], 'must be "auto", "onnx" or "mlx"'), "auto"),
    variant: v.optional(variantName, "auto"),
    variant_tolerance: v.optional(v.nullable(between(0, 1)), null),
    dimension: v.optional(v.nullable(count), null),
    sources: v.optional(sources, {}),
    search: v.optional(search, {}),
    projections: v.optional(projections(version === 1 ? 3 : 2), {}),
    gate: v.optional(gate),
  });
}

/** A head as the file spells it. */
export interface ProjectionFile {
  layers: number[];
  epochs: number;
  batch_size: number;
}

/** The recipe as the file spells it, defaults filled in. */
export interface RecipeFile {
  version: 1 | 2;
  embedding_model: string;
  runtime: "auto" | "onnx" | "mlx";
  variant: string;
  variant_tolerance: number | null;
  dimension: number | null;
  sources: {
    code: { include: string[]; exclude: string[] };
    commits: { since: string | null };
    notes: { include: string[] };
    pairs: { files: string[] };
  };
  search: { weights: { "full-text": number; vectors: number; history: number } | null };
  projections: Partial<Record<ProjectionName, ProjectionFile | undefined>>;
  gate?:
    | {
        metric: string;
        margin: number;
        alpha: number;
        accept: "better";
        max_latency_ratio: number | null;
        max_memory: number | null;
      }
    | undefined;
}

/** The schema of one version of the file. */
export const RECIPE_SCHEMAS: Readonly<Record<1 | 2, v.GenericSchema<unknown, RecipeFile>>> = {
  1: recipe(1),
  2: recipe(2),
};
