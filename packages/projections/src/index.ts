/**
 * A repository's code, commits and notes as passages, their vectors, and the search over them. For Bun.
 *
 * @packageDocumentation
 */

export {
  type Feedback,
  type FeedbackOptions,
  giveFeedback,
  readFeedback,
  VERDICTS,
  type Verdict,
} from "./feedback/feedback.ts";
export { type RememberedResult, type RememberedSearch, recordSearch } from "./feedback/searches.ts";
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
export { DEFAULT_LIMIT, MAX_LIMIT, type RelatedOptions, type SearchOptions } from "./search/options.ts";
export { type Place, parsePlace, placeName } from "./search/place-text.ts";
export type { LikeAnswer, SearchIndex } from "./search/search-index.ts";
export { type IndexWeights, LIST_WEIGHTS, type ListWeights, type RelatedWeights } from "./search/weights.ts";
export * from "./sources/index.ts";
