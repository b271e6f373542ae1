export { collectDocuments } from "./collect.ts";
export type {
  CollectOptions,
  CollectProgress,
  DocumentOutcome,
  DocumentStream,
  ReadDocument,
  RepositoryFacts,
  SourceDocument,
} from "./document.ts";
export { MAX_TOKENS, type Measure, measureByCharacters, measureByTokens } from "./measure.ts";
export type {
  CommitMark,
  Passage,
  PassageKind,
  SkipReason,
  SourceReport,
  UnreadableFile,
} from "./passage.ts";
export { COMMIT_MARKS, PASSAGE_KINDS, SKIP_REASONS } from "./passage.ts";
export { DEFAULT_FORM, PASSAGE_FORMS, type PassageForm } from "./passage-text.ts";
export { ReportBuilder } from "./report.ts";
