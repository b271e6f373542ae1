export { collectDocuments } from "./collect.ts";
export { DEFAULT_BUDGET, passageBudget } from "./cut.ts";
export type {
  CollectOptions,
  CollectProgress,
  DocumentOutcome,
  DocumentStream,
  ReadDocument,
  RepositoryFacts,
  SourceDocument,
} from "./document.ts";
export type {
  CommitMark,
  Passage,
  PassageKind,
  SkipReason,
  SourceReport,
  UnreadableFile,
} from "./passage.ts";
export { COMMIT_MARKS, PASSAGE_KINDS, SKIP_REASONS } from "./passage.ts";
export { ReportBuilder } from "./report.ts";
