import type { RuntimeRequest } from "@patina/core";
import type { ListWeights } from "../search/weights.ts";

/** The trained heads a recipe may ask for. */
export const PROJECTION_NAMES = ["semantic", "temporal", "dependency"] as const;

/** Name of a trained head. */
export type ProjectionName = (typeof PROJECTION_NAMES)[number];

/** How a head is built and trained. */
export interface ProjectionRecipe {
  /** Widths of the hidden layer and of the output. */
  readonly layers: readonly [hidden: number, output: number];
  /** Width of the input as a recipe of version 1 states it; null in version 2, where the model decides. */
  readonly input: number | null;
  readonly epochs: number;
  readonly batchSize: number;
}

/** When an upgrade of the model is let through. */
export interface GateRecipe {
  /** Metric and cut, such as `ndcg@10`. */
  readonly metric: string;
  readonly margin: number;
  readonly alpha: number;
  readonly accept: "better";
  readonly maxLatencyRatio: number | null;
  /** Bytes. */
  readonly maxMemory: number | null;
}

/** Which text of the repository is indexed. Globs are relative to the repository's root. */
export interface SourcesRecipe {
  readonly code: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  /** `since`: unix seconds; null takes the whole history. */
  readonly commits: { readonly since: number | null };
  readonly notes: { readonly include: readonly string[] };
  /** Files of questions with their answers, a pair a line. One that is not there is no error. */
  readonly pairs: { readonly files: readonly string[] };
}

/** How the index answers. */
export interface SearchRecipe {
  /** What each list counts for; null leaves it to the default. */
  readonly weights: ListWeights | null;
}

/** What `.patina/oxidize.yaml` says, defaults filled in. */
export interface Recipe {
  readonly version: 1 | 2;
  /** Key or alias of the registry. */
  readonly embeddingModel: string;
  readonly runtime: RuntimeRequest;
  /** Name of a variant, or `auto`. */
  readonly variant: string;
  /**
   * Largest 1 − mean cosine against float32 that `auto` may lose for speed, in `[0, 1]`; null leaves it to the
   * registry. A named variant is not held to it.
   */
  readonly variantTolerance: number | null;
  /** Numbers kept of each vector; null keeps all. */
  readonly dimension: number | null;
  readonly sources: SourcesRecipe;
  readonly search: SearchRecipe;
  readonly projections: Readonly<Partial<Record<ProjectionName, ProjectionRecipe>>>;
  /** Null where the recipe names no gate. */
  readonly gate: GateRecipe | null;
  /** Keys that are valid but that indexing does not act on (`projections.semantic`, `gate`): tell the user. */
  readonly inactive: readonly string[];
}
