/** A model under measurement, and how Patina opens it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { EmbeddingEngine } from "@patina/core";
import { type ModelSpec, openEngine } from "@patina/engine";
import type { Digests } from "./contender.ts";
import type { Model } from "./models.ts";

/** The files that Patina is told of, relative to the model's folder. */
function filesOf(model: Model): { role: keyof Digests; path: string }[] {
  const { weights, externalData } = model;
  return [
    { role: "weights", path: weights },
    ...(externalData === undefined ? [] : [{ role: "external-data", path: externalData } as const]),
    { role: "tokenizer", path: "tokenizer.json" },
  ];
}

/** SHA-256 of the model's files. */
export async function digestsOf(model: Model, modelsFolder: string): Promise<Digests> {
  const digests = filesOf(model).map(async ({ role, path }) => [
    role,
    await digest(join(modelsFolder, model.folder, path)),
  ]);
  return Object.fromEntries(await Promise.all(digests));
}

/** Of files up to 2.4 GB, which stay as they are for a run and are asked for at every pass. */
const KNOWN = new Map<string, string>();

async function digest(path: string): Promise<string> {
  const known = KNOWN.get(path);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const found = hash.digest("hex");
  KNOWN.set(path, found);
  return found;
}

/** The spec of a model, its files below `modelsFolder`. */
export function patinaSpec(model: Model, modelsFolder: string, digests: Digests): ModelSpec {
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
    files: filesOf(model).map(({ role, path }) => {
      const sha256 = digests[role];
      if (sha256 === undefined) throw new Error(`${model.id}: the digest of ${path} was not taken`);
      return { role, path: join(modelsFolder, model.folder, path), sha256 };
    }),
  };
}

/**
 * The model's engine with the folder for optimised graphs that the command gives every engine: on disk from the second
 * opening on, they leave weights to the page cache.
 */
export function openPatina(spec: ModelSpec, modelsFolder: string): Promise<EmbeddingEngine> {
  return openEngine(spec, { graphCache: join(modelsFolder, "../graphs") });
}

/** Sees to it that a model's optimised graph is on disk, so that no measurement holds the making of it. */
export async function keepGraph(model: Model, modelsFolder: string): Promise<void> {
  await using _engine = await openPatina(
    patinaSpec(model, modelsFolder, await digestsOf(model, modelsFolder)),
    modelsFolder,
  );
}
