import { recipeDigest } from "./generation/identity.ts";
import { type IndexOptions, type IndexReport, indexPassages } from "./generation/index-passages.ts";
import type { Recipe } from "./recipe/recipe.ts";
import { collectPassages, passageBudget } from "./sources/index.ts";
import type { SourceReport } from "./sources/passage.ts";

/** Options of {@link oxidize}. */
export interface OxidizeOptions
  extends Omit<IndexOptions, "passages" | "dimension" | "recipeDigest" | "weights"> {
  readonly recipe: Recipe;
}

/** What became of a run, the reading of the repository included. */
export interface OxidizeReport extends IndexReport {
  readonly sources: SourceReport;
}

/**
 * Indexes a repository by its recipe: its code, commits and notes become passages, vectors and a full-text index in
 * a new generation. What it promises is said at {@link indexPassages}.
 */
export async function oxidize(options: OxidizeOptions): Promise<OxidizeReport> {
  const { recipe, root, signal, engine } = options;
  const budget = passageBudget(engine.maxTokens);
  const passages = collectPassages({ root, recipe, budget, ...(signal === undefined ? {} : { signal }) });
  const report = await indexPassages({
    ...options,
    passages,
    dimension: recipe.dimension,
    weights: recipe.search.weights,
    recipeDigest: recipeDigest(recipe),
  });
  return { ...report, sources: passages.report() };
}
