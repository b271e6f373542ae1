/** A model under measurement as `openEngine` takes it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { ModelSpec } from "@patina/engine";
import type { Digests } from "./contender.ts";
import type { Model } from "./models.ts";

/** SHA-256 of the model's weights and tokenizer. */
export async function digestsOf(model: Model, modelsFolder: string): Promise<Digests> {
  const [weights, tokenizer] = await Promise.all(
    [model.weights, "tokenizer.json"].map((name) => digest(join(modelsFolder, model.folder, name))),
  );
  return { weights: weights as string, tokenizer: tokenizer as string };
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** The spec of a model, its files below `modelsFolder`. */
export function patinaSpec(model: Model, modelsFolder: string, digests: Digests): ModelSpec {
  const file = (role: "weights" | "tokenizer", name: string) => {
    return { role, path: join(modelsFolder, model.folder, name), sha256: digests[role] };
  };
  return {
    key: model.folder,
    name: model.label,
    architecture: model.architecture,
    dimension: model.dimension,
    maxTokens: model.maxTokens,
    pooling: model.pooling,
    normalize: true,
    variant: model.dtype === "q8" ? "int8" : "fp32",
    runtime: "onnx",
    files: [file("weights", model.weights), file("tokenizer", "tokenizer.json")],
  };
}
