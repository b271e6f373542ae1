/**
 * Models of true shapes with random weights, for measurements of speed and memory: built once, in half a minute at most,
 * into an ignored folder. See `shaped_models.py`, which says how large each is.
 */
import { join } from "node:path";
import { built } from "./python-environment.ts";

/** E5-base-v2's shape, and Qwen3-Embedding-0.6B's with the two kinds of export that it comes as. */
export type Shape = "e5-base" | "qwen3-0.6b";

/** E5-base-v2's in float32, and Qwen3-Embedding's as published (0.6B) and as MLX's conversions in 4 bits (4B, 8B). */
export type MlxShape = "e5-base-float32" | "qwen3-0.6b-bfloat16" | "qwen3-4b-4bit" | "qwen3-8b-4bit";

/**
 * The model's folder in Hugging Face layout: `config.json`, `tokenizer.json` and `onnx/model.onnx`; for Qwen3 also
 * `onnx/model_grouped.onnx` (GroupQueryAttention), and `onnx/model.onnx_data`, the weights of both.
 */
export function shapedModel(shape: Shape): string {
  return made(shape, "onnx/model.onnx");
}

/** The model's folder in Hugging Face layout: `config.json`, `tokenizer.json` and `model.safetensors`. */
export function shapedMlxModel(shape: MlxShape): string {
  return made(shape, "model.safetensors");
}

function made(shape: Shape | MlxShape, proof: string): string {
  const folder = join(import.meta.dir, "../target/shaped-models", shape);
  return built(folder, proof, "shaped_models.py", shape);
}
