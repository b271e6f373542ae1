/**
 * A repository's code, commits and notes as passages, their vectors, and the search over them. For Bun.
 *
 * @packageDocumentation
 */
export { currentIndex } from "./generation/current-index.ts";
export type { GenerationFacts, IndexedModel } from "./generation/facts.ts";
export type { IndexOptions, IndexReport } from "./generation/index-passages.ts";
export { indexPassages } from "./generation/index-passages.ts";
export type { Manifest, ManifestFile } from "./generation/manifest.ts";
export type { OxidizeProgress } from "./generation/progress.ts";
export type { OxidizeOptions, OxidizeReport } from "./oxidize.ts";
export { oxidize } from "./oxidize.ts";
export * from "./recipe/index.ts";
export type {
  FurtherPassage,
  ListReport,
  SearchAnswer,
  SearchResult,
} from "./search/answer.ts";
export type { FilterReport } from "./search/filtered-rows.ts";
export type { FilterName, SearchFilters } from "./search/filters.ts";
export type { QueryWords } from "./search/full-text.ts";
export type { ListName, ListVote } from "./search/lists.ts";
export { openIndex } from "./search/open-index.ts";
export { DEFAULT_LIMIT, MAX_LIMIT, type SearchOptions } from "./search/options.ts";
export type { SearchIndex } from "./search/search-index.ts";
export { type IndexWeights, LIST_WEIGHTS, type ListWeights } from "./search/weights.ts";
export * from "./sources/index.ts";
