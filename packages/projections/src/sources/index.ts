export { collectPassages } from "./collect.ts";
export { DEFAULT_BUDGET, passageBudget } from "./cut.ts";
export type { DocumentOutcome, ReadDocument, SourceDocument } from "./document.ts";
export type {
  CollectOptions,
  CollectProgress,
  Passage,
  PassageKind,
  PassageStream,
  SkipReason,
  SourceReport,
  UnreadableFile,
} from "./passage.ts";
export { PASSAGE_KINDS, SKIP_REASONS } from "./passage.ts";
