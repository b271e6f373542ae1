export { collectPassages } from "./collect.ts";
export { DEFAULT_BUDGET, passageBudget } from "./cut.ts";
export type { DocumentOutcome, ReadDocument, SourceDocument } from "./document.ts";
export type {
  CollectOptions,
  CollectProgress,
  CommitMark,
  Passage,
  PassageKind,
  PassageStream,
  SkipReason,
  SourceReport,
  UnreadableFile,
} from "./passage.ts";
export { COMMIT_MARKS, PASSAGE_KINDS, SKIP_REASONS } from "./passage.ts";
