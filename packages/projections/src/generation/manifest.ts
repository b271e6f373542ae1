import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PatinaError, type Runtime, type SpecialTokenPolicy } from "@patina/core";
import * as v from "valibot";
import type { IndexWeights } from "../search/weights.ts";
import { fileError, writeNewFile } from "./durable-files.ts";
import { canonicalJson, sha256 } from "./identity.ts";

/** Version of a generation's layout: the manifest, the tables and the files of vectors together. */
export const GENERATION_FORMAT = 5;

/** Names of a generation's files, relative to its directory. */
export const MANIFEST = "manifest.json";
/** Documents and their passages. */
export const DOCUMENTS = "documents.sqlite";
/** The words of the passages (`FullTextWriter` of `@patina/native`). */
export const FULL_TEXT = "full-text.idx";
/** `[rows × dimension]` float32, little-endian, row-major, unit length; a free row is all zeros. */
export const VECTORS = "vectors/passages.f32";
/** The vectors' codes, which a search reads whole (`writeCodes` of `@patina/native`). */
export const CODES = "vectors/passages.i8";

/** A file of a generation and what it must be. */
export interface ManifestFile {
  readonly bytes: number;
  /**
   * XXH3 (64 bits, seed 0, hex). It tells damage, which is all a digest can tell here: whoever could forge a file of
   * `.patina/local` could write its manifest anew. Ten times as fast as SHA-256, so every opening and every copy afford it.
   */
  readonly xxh3: string;
}

/** The files of a generation; the four that have a name here are always there. */
export type GenerationFiles = Readonly<
  Record<typeof DOCUMENTS | typeof FULL_TEXT | typeof VECTORS | typeof CODES, ManifestFile> &
    Record<string, ManifestFile>
>;

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
  /** How the sources were cut into passages: another one gives other passages of the same documents. */
  readonly cutting: string;
  /** `fullTextWordsVersion` of the full-text index. */
  readonly words: number;
  /** `checksum` of the full-text index, which tells it from that of another generation without reading it. */
  readonly fullTextChecksum: number;
  /** SHA-256 over kind, source and fingerprint of every document: equal for equal content, however it was built. */
  readonly documentsDigest: string;
  /** The sound generation that was current before this one, to which a rollback goes; null where there was none. */
  readonly previous: string | null;
  readonly counts: {
    readonly documents: number;
    readonly passages: number;
    /** Rows of the vectors file: those of the passages and the free ones. */
    readonly rows: number;
    /** Distinct rendered texts. */
    readonly texts: number;
    /** Passages whose text was longer than the model takes. */
    readonly truncated: number;
    /** Passages that repeat another of the same kind. */
    readonly duplicates: number;
  };
  /** Every file but the manifest itself, by its path in the generation's directory. */
  readonly files: GenerationFiles;
}

/** Names of files below a generation's directory, at most one folder deep: a checkout could bring a manifest of its own. */
const FILE_NAME = /^(?:[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const weight = v.pipe(v.number(), v.finite(), v.minValue(0));
const file = v.strictObject({
  bytes: count,
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
    weights: v.strictObject({ "full-text": weight, vectors: weight, history: weight }),
    from: v.picklist(["default", "recipe"]),
  }),
  recipe_digest: digest,
  cutting: v.string(),
  words: positive,
  full_text_checksum: count,
  documents_digest: digest,
  previous: v.nullable(v.string()),
  counts: v.strictObject({
    documents: positive,
    passages: positive,
    rows: positive,
    texts: positive,
    truncated: count,
    duplicates: count,
  }),
  files: v.pipe(
    v.objectWithRest({ [DOCUMENTS]: file, [FULL_TEXT]: file, [VECTORS]: file, [CODES]: file }, file),
    v.check(
      (files) => Object.keys(files).every((name) => FILE_NAME.test(name)),
      "a name leads out of the directory",
    ),
  ),
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
    cutting: manifest.cutting,
    words: manifest.words,
    full_text_checksum: manifest.fullTextChecksum,
    documents_digest: manifest.documentsDigest,
    previous: manifest.previous,
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
    cutting: stored.cutting,
    words: stored.words,
    fullTextChecksum: stored.full_text_checksum,
    documentsDigest: stored.documents_digest,
    previous: stored.previous,
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
