import { type EmbeddingEngine, isPatinaError, type SpecialTokenPolicy } from "@patina/core";
import { checkedWeights, LIST_WEIGHTS, type ListWeights } from "../search/weights.ts";
import { generationDirectory, readCurrent } from "./generations.ts";
import type { LocalPaths } from "./local-directory.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { verifyGeneration } from "./verify.ts";

/** The model behind an engine, as the registry knows it; recorded so that queries can follow it. */
export interface IndexedModel {
  readonly key: string;
  readonly variant: string;
}

/** Everything beside its passages that decides a generation. */
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
  /** Digest of what chose the passages. */
  readonly recipeDigest: string;
}

/** Gathers what a new generation will be made by; asks the engine whether the model may be cut to `dimension`. */
export async function gatherFacts(sources: FactSources): Promise<GenerationFacts> {
  const { engine, model, passageTemplate, queryTemplate, weights, recipeDigest } = sources;
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
  };
}

/** The current generation when it is sound and holds just these passages by just these facts; else null. */
export function currentIfSame(
  paths: LocalPaths,
  facts: GenerationFacts,
  passagesDigest: string,
  notice: (message: string) => void,
): Manifest | null {
  try {
    const id = readCurrent(paths);
    if (id === null) return null;
    const directory = generationDirectory(paths, id);
    const manifest = readManifest(directory);
    if (manifest.passagesDigest !== passagesDigest) return null;
    for (const [fact, value] of Object.entries(facts)) {
      if (!Bun.deepEquals(manifest[fact as keyof GenerationFacts], value)) return null;
    }
    return verifyGeneration(directory);
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY") && !isPatinaError(error, "INDEX_INCOMPATIBLE")) throw error;
    notice(`the current index could not be used and is built anew: ${error.message}`);
    return null;
  }
}
