/**
 * The front door: opens a model on the runtime that fits this machine.
 *
 * @packageDocumentation
 */
import type { EmbeddingEngine, RuntimeRequest } from "@patina/core";
import { openMlxEngine } from "@patina/mlx";
import { chooseRuntime, type ModelSpec } from "@patina/native";
import { type OnnxEngineOptions, openOnnxEngine } from "@patina/onnx";

export { type MlxAvailability, mlxAvailability } from "@patina/mlx";
export type {
  ModelFile,
  ModelSpec,
  NativeFacts,
  QuantizeOptions,
  QuantizeReport,
  QuantizeSafetensorsOptions,
  QuantizeSafetensorsReport,
  RuntimeDecision,
  RuntimeOffer,
  TopK,
  WrittenFile,
} from "@patina/native";
export {
  chooseRuntime,
  cosine,
  dot,
  nativeFacts,
  normalize,
  quantizeOnnx,
  quantizeSafetensors,
  threadLimit,
  topK,
} from "@patina/native";
export { onnxruntimeLibrary } from "@patina/onnx";

/** What an engine is opened with; what is left out takes the engine's default. */
export interface OpenEngineOptions extends OnnxEngineOptions {
  /** Default `auto`. The spec's files are for one runtime; asking for another is an error. */
  readonly runtime?: RuntimeRequest;
}

/**
 * Opens a resolved model.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE` with the reason and the way out, `SPEC_INVALID`, `MODEL_MISSING`,
 * `INTEGRITY` naming the field or the file.
 */
export async function openEngine(spec: ModelSpec, options: OpenEngineOptions = {}): Promise<EmbeddingEngine> {
  const { runtime: request = "auto", libraryPath, ...rest } = options;
  // The runtime was chosen when the spec's files were; what is left to check is that it can be had here.
  const { runtime } = chooseRuntime(request === "auto" ? spec.runtime : request, [spec.runtime]);
  if (runtime === "mlx") return openMlxEngine(spec, rest);
  return openOnnxEngine(spec, libraryPath === undefined ? rest : { ...rest, libraryPath });
}
