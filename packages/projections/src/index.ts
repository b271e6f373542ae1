/**
 * A repository's code, commits and notes as passages, their vectors, and the search over them. For Bun.
 *
 * @packageDocumentation
 */
export { currentIndex } from "./generation/current-index.ts";
export type { GenerationFacts, IndexedModel } from "./generation/facts.ts";
export type { IndexOptions, IndexReport, IndexResult } from "./generation/index-documents.ts";
export { indexDocuments } from "./generation/index-documents.ts";
export type { GenerationChange, GenerationInfo, PrunedGenerations } from "./generation/manage-generations.ts";
export {
  listGenerations,
  pruneGenerations,
  rollback,
  showGeneration,
  useGeneration,
} from "./generation/manage-generations.ts";
export type { Manifest, ManifestFile } from "./generation/manifest.ts";
export type { OxidizeProgress } from "./generation/progress.ts";
export { GENERATIONS_KEPT } from "./generation/prune-old.ts";
export type { StoredOutcome } from "./generation/stored-documents.ts";
export type { OxidizeOptions, OxidizeReport } from "./oxidize.ts";
export { oxidize } from "./oxidize.ts";
export * from "./recipe/index.ts";
export type { ListName, ListVote, ListWeights } from "./search/fusion.ts";
export { openIndex } from "./search/open-index.ts";
export type { SearchIndex, SearchOptions, SearchResult } from "./search/search-index.ts";
export { DEFAULT_LIMIT, MAX_LIMIT } from "./search/search-index.ts";
export * from "./sources/index.ts";
