/**
 * The native core for JavaScript: the engine over N-API, kernels on typed arrays, vectors and words
 * on the disk, metrics of a search, outlines and passages of source code.
 *
 * @packageDocumentation
 */

export { type CutRequest, cutPassages, type Outline, outlineOf, type Piece } from "./code.ts";
export { describeOnnx, type OnnxDescription } from "./describe-onnx.ts";
export type { NativeOpenOptions } from "./embedding-engine.ts";
export { openNativeEngine } from "./embedding-engine.ts";
export {
  type CompareOptions,
  compareScores,
  type Judgements,
  type Run,
  type RunScores,
  type ScoreComparison,
  scoreRun,
} from "./evaluate.ts";
export {
  type FullTextBase,
  FullTextIndex,
  type FullTextPassage,
  FullTextWriter,
  fullTextWordsVersion,
  QueryTerms,
  type QueryWord,
  type WordMatches,
  type WordOccurrence,
} from "./full-text.ts";
export type { ModelFile, ModelSpec, NativeFacts, WrittenFile } from "./generated/addon.ts";
export { cosine, dot, normalize, type TopK, topK } from "./kernels/index.ts";
export { type AddonBuild, addonInUse, addonPath, type LoadedAddon } from "./load.ts";
export type { RuntimeDecision, RuntimeOffer } from "./machine.ts";
export { chooseRuntime, nativeFacts } from "./machine.ts";
export { type QuantizeOptions, type QuantizeReport, quantizeOnnx } from "./quantize.ts";
export {
  type QuantizeSafetensorsOptions,
  type QuantizeSafetensorsReport,
  quantizeSafetensors,
} from "./quantize-safetensors.ts";
export { threadLimit } from "./threads.ts";
export {
  VectorIndex,
  type VectorIndexFiles,
  type VectorMatches,
  type WriteCodesOptions,
  writeCodes,
} from "./vector-index.ts";
