/** Patina: `embedBatch` over all texts with the engine's defaults. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "@patina/engine";
import { contend, MODEL, WEIGHTS } from "./contender.ts";

await contend(async ({ modelsFolder, variant, maxTokens }) => {
  const file = (role: "weights" | "tokenizer", name: string) => {
    const path = join(modelsFolder, MODEL, name);
    return { role, path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
  };
  const engine = await openEngine({
    key: MODEL,
    name: MODEL,
    architecture: "bert",
    dimension: 384,
    maxTokens,
    pooling: "mean",
    normalize: true,
    variant,
    runtime: "onnx",
    files: [file("weights", WEIGHTS[variant]), file("tokenizer", "tokenizer.json")],
  });
  return async (texts) => {
    const matrix = await engine.embedBatch(texts);
    return { vectors: matrix.data, tokens: [...matrix.tokens] };
  };
});
