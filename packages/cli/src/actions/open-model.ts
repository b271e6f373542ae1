import type { EmbeddingEngine, Runtime, RuntimeRequest, SpecialTokenPolicy } from "@patina/core";
import { chooseRuntime, openEngine } from "@patina/engine";
import { type ModelEntry, openRegistry } from "@patina/registry";
import { warn } from "../terminal/warning.ts";

/** Which model, and which of its files. */
export interface ModelRequest {
  readonly model: string;
  readonly variant?: string;
  readonly runtime?: RuntimeRequest;
  /** Default `follow`: a special token that a text spells out acts as one, as in the reference. */
  readonly specialTokens?: SpecialTokenPolicy;
}

/** A model that is ready to embed. */
export interface OpenedModel {
  readonly engine: EmbeddingEngine;
  readonly entry: ModelEntry;
  /** The variant that `auto` came to. */
  readonly variant: string;
  readonly runtime: Runtime;
}

/**
 * Finds a model's files, checks them and loads it.
 *
 * @throws PatinaError `MODEL_UNKNOWN`, `MODEL_MISSING`, `VARIANT_UNKNOWN`, `INTEGRITY`, `RUNTIME_UNAVAILABLE`.
 */
export async function openModel(root: string | undefined, request: ModelRequest): Promise<OpenedModel> {
  const registry = await openRegistry(root === undefined ? {} : { projectDir: root });
  const entry = registry.entry(request.model);
  const { runtime } = chooseRuntime(request.runtime ?? "auto", entry.runtimes);
  const spec = await registry.resolve(entry.key, { variant: request.variant ?? "auto", runtime });
  const policy = request.specialTokens === undefined ? {} : { specialTokens: request.specialTokens };
  const engine = await openEngine(spec, { runtime, graphCache: registry.graphCache, ...policy });
  for (const warning of engine.warnings) warn("GRAPH_CACHE", warning);
  return { engine, entry, variant: spec.variant, runtime };
}
