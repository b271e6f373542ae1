import type { EmbeddingEngine, SpecialTokenPolicy } from "@patina/core";
import { fullTextWordsVersion } from "@patina/native";
import { checkedWeights, LIST_WEIGHTS, type ListWeights } from "../search/weights.ts";
import type { Manifest } from "./manifest.ts";

/** The model behind an engine, as the registry knows it; recorded so that queries can follow it. */
export interface IndexedModel {
  readonly key: string;
  readonly variant: string;
}

/** Everything beside its documents that decides a generation. */
export type GenerationFacts = Pick<
  Manifest,
  | "encoderId"
  | "model"
  | "dimension"
  | "fullDimension"
  | "specialTokens"
  | "passageTemplate"
  | "queryTemplate"
  | "search"
  | "recipeDigest"
  | "cutting"
  | "words"
>;

/** Where the facts come from. */
export interface FactSources {
  readonly engine: EmbeddingEngine;
  readonly model: IndexedModel;
  /**
   * The policy the engine was opened with, recorded for those who open one to search. Default `neutralize`: a
   * repository's text may spell out special tokens, and nobody who searches it means them.
   */
  readonly specialTokens?: SpecialTokenPolicy | undefined;
  /** The template the engine puts around a passage; it is part of the cache's key. */
  readonly passageTemplate?: string | null | undefined;
  /** The template the engine puts around a query; recorded only. */
  readonly queryTemplate?: string | null | undefined;
  /** Numbers kept of each vector; null or absent keeps all. */
  readonly dimension?: number | null | undefined;
  /** What each list counts for in searches, as a recipe says; null or absent takes the default. */
  readonly weights?: ListWeights | null | undefined;
  /** Digest of what chose the documents. */
  readonly recipeDigest: string;
  /** Names how documents are cut into passages. */
  readonly cutting: string;
}

/** Gathers what a new generation will be made by; asks the engine whether the model may be cut to `dimension`. */
export async function gatherFacts(sources: FactSources): Promise<GenerationFacts> {
  const { engine, model, passageTemplate, queryTemplate, weights, recipeDigest, cutting } = sources;
  const dimension = sources.dimension ?? engine.dimension;
  // The engine knows the model's limits and throws here, before anything is read or embedded.
  if (dimension !== engine.dimension) await engine.embed("dimension", { dimension });
  return {
    encoderId: engine.encoderId,
    model: { key: model.key, name: engine.modelName, variant: model.variant, runtime: engine.runtime },
    dimension,
    fullDimension: engine.dimension,
    specialTokens: sources.specialTokens ?? "neutralize",
    passageTemplate: passageTemplate ?? null,
    queryTemplate: queryTemplate ?? null,
    search: {
      weights: checkedWeights(weights ?? LIST_WEIGHTS),
      from: weights === null || weights === undefined ? "default" : "recipe",
    },
    recipeDigest,
    cutting,
    words: fullTextWordsVersion(),
  };
}

/** The facts of which one decides every row: where another differs, the same rows are right under a new manifest. */
const ROW_FACTS = {
  encoderId: "encoder",
  fullDimension: "dimension of the model",
  dimension: "dimension of the index",
  passageTemplate: "passage template",
  cutting: "way to cut passages",
  words: "version of the full-text index",
} as const satisfies Partial<Record<keyof GenerationFacts, string>>;

/** Why no row made by `before` can be used under `facts`; null where all can. */
export function whyUnusable(before: GenerationFacts, facts: GenerationFacts): string | null {
  for (const [fact, name] of Object.entries(ROW_FACTS)) {
    const key = fact as keyof typeof ROW_FACTS;
    if (before[key] !== facts[key]) return `the ${name} is another one`;
  }
  return null;
}

/** Whether a manifest has just these facts. */
export function hasFacts(manifest: Manifest, facts: GenerationFacts): boolean {
  return Object.entries(facts).every(([fact, value]) =>
    Bun.deepEquals(manifest[fact as keyof GenerationFacts], value),
  );
}
