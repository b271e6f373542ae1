/**
 * Models of true shapes with random weights, for measurements of speed and memory: built once, in half a minute at most,
 * into an ignored folder (0.44 GB and 2.4 GB). See `shaped_models.py`.
 */
import { join } from "node:path";
import { built } from "./python-environment.ts";

/** E5-base-v2's shape, and Qwen3-Embedding-0.6B's with the two kinds of export that it comes as. */
export type Shape = "e5-base" | "qwen3-0.6b";

/**
 * The model's folder in Hugging Face layout: `config.json`, `tokenizer.json` and `onnx/model.onnx`; for Qwen3 also
 * `onnx/model_grouped.onnx` (GroupQueryAttention), and `onnx/model.onnx_data`, the weights of both.
 */
export function shapedModel(shape: Shape): string {
  const folder = join(import.meta.dir, "../target/shaped-models", shape);
  return built(folder, "onnx/model.onnx", "shaped_models.py", shape);
}
