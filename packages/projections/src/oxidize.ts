import { recipeDigest } from "./generation/identity.ts";
import { type IndexOptions, type IndexReport, indexDocuments } from "./generation/index-documents.ts";
import type { Recipe } from "./recipe/recipe.ts";
import { collectDocuments, measureByTokens, ReportBuilder } from "./sources/index.ts";
import type { SourceReport } from "./sources/passage.ts";

/** Options of {@link oxidize}. */
export interface OxidizeOptions
  extends Omit<IndexOptions, "documents" | "dimension" | "recipeDigest" | "weights" | "cutting"> {
  readonly recipe: Recipe;
  /** A commit whose tree and history are indexed in place of the working tree. */
  readonly at?: string | undefined;
}

/** What became of a run, the reading of the repository included. */
export interface OxidizeReport extends IndexReport {
  readonly sources: SourceReport;
}

/**
 * Indexes a repository by its recipe: its code, commits and notes become passages, vectors and a full-text index in
 * a new generation. What it promises is said at {@link indexDocuments}.
 */
export async function oxidize(options: OxidizeOptions): Promise<OxidizeReport> {
  const { recipe, root, at, signal, engine } = options;
  const measure = await measureByTokens(engine);
  const documents = collectDocuments({ root, recipe, at, measure, signal });
  const { report, outcomes } = await indexDocuments({
    ...options,
    documents,
    cutting: documents.cutting,
    dimension: recipe.dimension,
    weights: recipe.search.weights,
    recipeDigest: recipeDigest(recipe),
  });
  const sources = new ReportBuilder();
  for (const { document, outcome, passages } of outcomes) sources.add(document, outcome, passages);
  return { ...report, sources: sources.build(documents.facts()) };
}
