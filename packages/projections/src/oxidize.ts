import { recipeDigest } from "./generation/identity.ts";
import { type IndexOptions, type IndexReport, indexPassages } from "./generation/index-passages.ts";
import type { Recipe } from "./recipe/recipe.ts";
import type { DocumentStream } from "./sources/document.ts";
import { collectDocuments, passageBudget, ReportBuilder } from "./sources/index.ts";
import type { Passage, SourceReport } from "./sources/passage.ts";

/** Options of {@link oxidize}. */
export interface OxidizeOptions
  extends Omit<IndexOptions, "passages" | "dimension" | "recipeDigest" | "weights"> {
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
 * a new generation. What it promises is said at {@link indexPassages}.
 */
export async function oxidize(options: OxidizeOptions): Promise<OxidizeReport> {
  const { recipe, root, at, signal, engine } = options;
  const budget = passageBudget(engine.maxTokens);
  const documents = collectDocuments({ root, recipe, at, budget, signal });
  const report = new ReportBuilder();
  const indexed = await indexPassages({
    ...options,
    passages: passagesOf(documents, report),
    dimension: recipe.dimension,
    weights: recipe.search.weights,
    recipeDigest: recipeDigest(recipe),
  });
  return { ...indexed, sources: report.build(documents.facts()) };
}

async function* passagesOf(documents: DocumentStream, report: ReportBuilder): AsyncGenerator<Passage, void> {
  for await (const document of documents) {
    const { outcome, passages } = await document.read();
    report.add(document, outcome, passages.length);
    yield* passages;
  }
}
