/**
 * Which embedding models exist, where their files come from, and whether the files on this machine are what they
 * claim to be. Engines never see a registry: they are handed what {@link Registry.resolve} gives.
 *
 * @packageDocumentation
 */
export type { AddedFile, AddOptions, AddProgress, AddReport, AddTotals } from "./add-report.ts";
export type { FileState, FoundFile } from "./check.ts";
export { type CheckVerdict, judgeCheck, type ScoreVerdict } from "./check-verdict.ts";
export {
  chooseVariant,
  DEFAULT_VARIANT_TOLERANCE,
  type LargeVariant,
  opinionLine,
  type VariantCandidate,
  type VariantDecision,
  type VariantOpinion,
  type VariantWish,
} from "./choose-variant.ts";
export type { ConvertedFile, ConvertOptions, ConvertReport } from "./convert.ts";
export type { ConversionTarget } from "./convert-source.ts";
export type { DescribedFile, DescribedVariant, ModelDescription } from "./describe.ts";
export { type Environment, patinaHome } from "./home.ts";
export {
  cachedCommit,
  type DamagedFile,
  HubClient,
  type HubFetched,
  type HubFile,
  type HubListing,
  type HubRequest,
  type HubSettings,
  hubLocation,
  hubSettings,
} from "./hub/index.ts";
export type { ImportOptions, ImportReport } from "./import/index.ts";
export type { ImportAnswers, MissingAnswer } from "./import/questions.ts";
export type { AskMissing, ImportedFact } from "./import/read-model.ts";
export type {
  DirSource,
  FileRole,
  HubSource,
  ModelCheck,
  ModelEntry,
  ModelFile,
  ModelSource,
  ModelVariant,
  Numerics,
  UrlSource,
  VariantQuality,
  WheelSource,
} from "./model-entry.ts";
export type { ModelOffers } from "./offers.ts";
export type { PrunedItem, PruneOptions, PruneReport } from "./prune.ts";
export { openRegistry, type Registry, type RegistryOptions } from "./registry.ts";
export type { KeptFile } from "./release.ts";
export type { RemovedVariant, RemoveOptions, RemoveReport } from "./remove.ts";
export type { Origin } from "./rules.ts";
export type { SearchHit, SearchReport } from "./search.ts";
export type { ChoiceRequest, VariantRequest } from "./select.ts";
export type { FileStatus, ModelStatus } from "./status.ts";
export type { RetryNotice, RetryPolicy } from "./transfer/retry.ts";
export { type TrustReport, trustOverlay } from "./trust.ts";
export type { UpdateOptions, UpdatePlan, UpdateReport, VariantUpdate } from "./update.ts";
export type { FileChange, FileVersion } from "./update-file.ts";
export type { VerifiedModel, VerifyRequest } from "./verify.ts";
