/**
 * What an embedding engine is: its interface, its errors and its results. Types and small values only;
 * engines implement it, everything above uses it.
 *
 * @packageDocumentation
 */
export type {
  Batching,
  EmbedBatchOptions,
  EmbeddingEngine,
  EmbedOptions,
  EmbedProgress,
  EmbedStreamOptions,
  EngineOptions,
  Runtime,
  RuntimeRequest,
  SpecialTokenPolicy,
  TextKind,
} from "./engine.ts";
export type { ErrorCode, ErrorDetails } from "./errors.ts";
export {
  abortedError,
  ERROR_CODES,
  isPatinaError,
  PatinaError,
  throwIfAborted,
  untilAborted,
} from "./errors.ts";
export type { Embedding, EmbeddingMatrixParts, TextReport } from "./matrix.ts";
export { EmbeddingMatrix } from "./matrix.ts";
export { nearest } from "./suggest.ts";
