/** Fixture models, conformance texts and goldens, for every suite that opens an engine. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ModelFile, type ModelSpec, openEngine } from "@patina/engine";

const fixtures = join(import.meta.dirname, "../../../../fixtures");

/** One text's vector as the reference gives it. */
export interface Golden {
  readonly id: string;
  readonly kind: "raw" | "query" | "passage";
  /** The task of the query template, where it is not the model's default. */
  readonly task?: string;
  /** What the vector was cut to, where it was. */
  readonly dimension?: number;
  readonly special_tokens: "follow" | "neutralize";
  readonly tokens: number;
  readonly truncated: boolean;
  readonly special_literals: number;
  readonly embedding: readonly number[];
}

interface GoldenFile {
  readonly architecture: ModelSpec["architecture"];
  readonly dimension: number;
  readonly min_dimension?: number;
  readonly max_tokens: number;
  readonly pooling: ModelSpec["pooling"];
  readonly normalize: boolean;
  readonly query_template: string | null;
  readonly passage_template: string | null;
  readonly default_task?: string;
  readonly external_data?: readonly string[];
  /** Safetensors besides `weights`, and which tensor is in which. */
  readonly shards?: readonly string[];
  readonly index?: string;
  /** Of the file that `weights` names; ONNX where it is not said. */
  readonly runtime?: ModelSpec["runtime"];
  readonly variant: string;
  readonly weights: string;
  readonly goldens: readonly Golden[];
}

/** A fixture model with its goldens. */
export interface Fixture {
  readonly spec: ModelSpec;
  readonly goldens: readonly Golden[];
}

/**
 * Reads `fixtures/<model>`; `file` is `golden.json` or `golden-int8.json`, `weights` another export of the same weights.
 */
export function fixture(model: string, file = "golden.json", weights?: string): Fixture {
  const folder = join(fixtures, model);
  const golden = JSON.parse(readFileSync(join(folder, file), "utf8")) as GoldenFile;
  return {
    goldens: golden.goldens,
    spec: specOf(model, golden, "onnx", [
      modelFile("weights", join(folder, weights ?? golden.weights)),
      ...(golden.external_data ?? []).map((path) => modelFile("external-data", join(folder, path))),
    ]),
  };
}

/** As {@link fixture}, with the model's safetensors. */
export function mlxFixture(model: string): Fixture {
  const folder = join(fixtures, model);
  const golden = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as GoldenFile;
  // Goldens of a model that is there for both runtimes name its ONNX file.
  const weights = golden.runtime === "mlx" ? golden.weights : "model.safetensors";
  return {
    goldens: golden.goldens,
    spec: specOf(model, golden, "mlx", [
      ...[weights, ...(golden.shards ?? [])].map((path) => modelFile("weights", join(folder, path))),
      ...(golden.index === undefined ? [] : [modelFile("other", join(folder, golden.index))]),
    ]),
  };
}

function specOf(
  model: string,
  golden: GoldenFile,
  runtime: ModelSpec["runtime"],
  weights: readonly ModelFile[],
): ModelSpec {
  const folder = join(fixtures, model);
  return {
    key: model,
    name: model,
    architecture: golden.architecture,
    dimension: golden.dimension,
    ...(golden.min_dimension === undefined ? {} : { minDimension: golden.min_dimension }),
    ...(golden.default_task === undefined ? {} : { defaultTask: golden.default_task }),
    maxTokens: golden.max_tokens,
    pooling: golden.pooling,
    normalize: golden.normalize,
    ...(golden.query_template === null ? {} : { queryTemplate: golden.query_template }),
    ...(golden.passage_template === null ? {} : { passageTemplate: golden.passage_template }),
    variant: golden.variant,
    runtime,
    files: [
      ...weights,
      modelFile("tokenizer", join(folder, "tokenizer.json")),
      modelFile("config", join(folder, "config.json")),
    ],
  };
}

/** A file of a model with its digest. */
export function modelFile(role: ModelFile["role"], path: string): ModelFile {
  return { role, path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** What opening an engine fails with; nothing where it opens. */
export async function failure(spec: ModelSpec, options = {}): Promise<unknown> {
  try {
    await (await openEngine(spec, options)).close();
  } catch (error) {
    return error;
  }
}

/** Conformance texts by their id. */
export function conformanceTexts(): ReadonlyMap<string, string> {
  const file = JSON.parse(readFileSync(join(fixtures, "conformance/texts.json"), "utf8")) as {
    texts: { id: string; text: string }[];
  };
  return new Map(file.texts.map(({ id, text }) => [id, text]));
}

/** Largest difference of an element. */
export function distance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) throw new Error(`${left.length} numbers against ${right.length}`);
  let largest = 0;
  for (let index = 0; index < left.length; index++) {
    const difference = Math.abs((left[index] ?? Number.NaN) - (right[index] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
