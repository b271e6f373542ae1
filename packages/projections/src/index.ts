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
export type { ListName, ListVote, ListWeights } from "./search/fusion.ts";
export { openIndex } from "./search/open-index.ts";
export type { SearchIndex, SearchOptions, SearchResult } from "./search/search-index.ts";
export { DEFAULT_LIMIT, MAX_LIMIT } from "./search/search-index.ts";
export * from "./sources/index.ts";
