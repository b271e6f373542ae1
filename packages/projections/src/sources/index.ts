export { collectPassages } from "./collect.ts";
export { DEFAULT_BUDGET } from "./cut.ts";
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
export { SKIP_REASONS } from "./passage.ts";
