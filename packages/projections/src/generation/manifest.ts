import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PatinaError, type Runtime, type SpecialTokenPolicy } from "@patina/core";
import * as v from "valibot";
import type { IndexWeights } from "../search/weights.ts";
import { fileError, writeNewFile } from "./durable-files.ts";
import { canonicalJson, sha256 } from "./identity.ts";

/** Version of a generation's layout: the manifest, the tables and the vectors file together. */
export const GENERATION_FORMAT = 2;

/** Names of a generation's files, relative to its directory. */
export const MANIFEST = "manifest.json";
/** Passages and full-text index. */
export const DOCUMENTS = "documents.sqlite";
/** `[passages × dimension]` float32, little-endian, row-major, unit length. */
export const VECTORS = "vectors/passages.f32";

/** A file of a generation and what it must be. */
export interface ManifestFile {
  readonly bytes: number;
  readonly sha256: string;
  /** XXH3 (64 bits, seed 0, hex): ten times as fast as SHA-256, so that every opening can afford it. */
  readonly xxh3: string;
}

/** What made a generation and what it holds. */
export interface Manifest {
  readonly format: typeof GENERATION_FORMAT;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly encoderId: string;
  readonly model: {
    readonly key: string;
    readonly name: string;
    readonly variant: string;
    readonly runtime: Runtime;
  };
  /** Numbers of a stored vector. */
  readonly dimension: number;
  /** Numbers of the model's full vector. */
  readonly fullDimension: number;
  readonly normalisation: "l2";
  /** The policy the engine was opened with; part of the encoder's identity, so queries need the same. */
  readonly specialTokens: SpecialTokenPolicy;
  readonly passageTemplate: string | null;
  /** Recorded only: it may change without touching the vectors. */
  readonly queryTemplate: string | null;
  /** What each list counts for in a search that does not say so itself. */
  readonly search: IndexWeights;
  readonly recipeDigest: string;
  readonly passagesDigest: string;
  readonly counts: {
    readonly passages: number;
    /** Distinct rendered texts. */
    readonly texts: number;
    /** Passages whose text was longer than the model takes. */
    readonly truncated: number;
    /** Passages that repeat another of the same kind. */
    readonly duplicates: number;
  };
  readonly files: Readonly<Record<typeof DOCUMENTS | typeof VECTORS, ManifestFile>>;
}

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const weight = v.pipe(v.number(), v.finite(), v.minValue(0));
const file = v.strictObject({
  bytes: count,
  sha256: digest,
  xxh3: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
});
const schema = v.strictObject({
  format: v.literal(GENERATION_FORMAT),
  id: v.string(),
  created: v.pipe(v.string(), v.isoTimestamp()),
  encoder_id: v.pipe(v.string(), v.minLength(1)),
  model: v.strictObject({
    key: v.string(),
    name: v.string(),
    variant: v.string(),
    runtime: v.picklist(["onnx", "mlx"]),
  }),
  dimension: positive,
  full_dimension: positive,
  normalisation: v.literal("l2"),
  special_tokens: v.picklist(["neutralize", "follow"]),
  passage_template: v.nullable(v.string()),
  query_template: v.nullable(v.string()),
  search: v.strictObject({
    weights: v.strictObject({ "full-text": weight, vectors: weight }),
    from: v.picklist(["default", "recipe"]),
  }),
  recipe_digest: digest,
  passages_digest: digest,
  counts: v.strictObject({ passages: positive, texts: positive, truncated: count, duplicates: count }),
  files: v.strictObject({ [DOCUMENTS]: file, [VECTORS]: file }),
  seal: digest,
});
type Stored = v.InferOutput<typeof schema>;

/** Writes a generation's manifest, sealed with a digest over itself. */
export function writeManifest(directory: string, manifest: Manifest): void {
  const stored: Omit<Stored, "seal"> = {
    format: manifest.format,
    id: manifest.id,
    created: manifest.created,
    encoder_id: manifest.encoderId,
    model: manifest.model,
    dimension: manifest.dimension,
    full_dimension: manifest.fullDimension,
    normalisation: manifest.normalisation,
    special_tokens: manifest.specialTokens,
    passage_template: manifest.passageTemplate,
    query_template: manifest.queryTemplate,
    search: manifest.search,
    recipe_digest: manifest.recipeDigest,
    passages_digest: manifest.passagesDigest,
    counts: manifest.counts,
    files: manifest.files,
  };
  const seal = sha256(canonicalJson(stored));
  writeNewFile(join(directory, MANIFEST), `${JSON.stringify({ ...stored, seal }, null, 2)}\n`);
}

/** Reads and checks a generation's manifest; `INTEGRITY` names the file where it cannot be what was written. */
export function readManifest(directory: string): Manifest {
  const path = join(directory, MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") throw damaged(path, "it is missing", error);
    throw fileError(error, path, "read");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, (error as Error).message, error);
  }
  refuseOtherFormat(path, value);
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw damaged(path, `${v.getDotPath(issue) ?? "manifest"}: ${issue.message}`);
  }
  const { seal, ...stored } = parsed.output;
  if (sha256(canonicalJson(stored)) !== seal) throw damaged(path, "its seal does not fit its content");
  return {
    format: stored.format,
    id: stored.id,
    created: stored.created,
    encoderId: stored.encoder_id,
    model: stored.model,
    dimension: stored.dimension,
    fullDimension: stored.full_dimension,
    normalisation: stored.normalisation,
    specialTokens: stored.special_tokens,
    passageTemplate: stored.passage_template,
    queryTemplate: stored.query_template,
    search: stored.search,
    recipeDigest: stored.recipe_digest,
    passagesDigest: stored.passages_digest,
    counts: stored.counts,
    files: stored.files,
  };
}

/** The error for a file of a generation that is not what it was. */
export function damaged(path: string, what: string, cause?: unknown): PatinaError {
  return new PatinaError(
    "INTEGRITY",
    `${path} is damaged: ${what}. Run \`patina oxidize\` to build the index anew; embeddings come from the cache`,
    { file: path, ...(cause === undefined ? {} : { cause }) },
  );
}

function refuseOtherFormat(path: string, value: unknown): void {
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format !== "number" || format === GENERATION_FORMAT) return;
  throw new PatinaError(
    "INDEX_INCOMPATIBLE",
    `${path} has format ${format}, this version of Patina reads format ${GENERATION_FORMAT}: ` +
      "run `patina oxidize` to build the index anew",
    { file: path, expected: String(GENERATION_FORMAT), found: String(format) },
  );
}
