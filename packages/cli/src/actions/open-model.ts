import type { EmbeddingEngine, Runtime, RuntimeRequest, SpecialTokenPolicy } from "@patina/core";
import { openEngine } from "@patina/engine";
import { type ModelEntry, openRegistry, type VariantDecision } from "@patina/registry";
import { warn } from "../terminal/warning.ts";
import { mending } from "./mend.ts";
import { explainRuntime, runtimeChoice } from "./runtime-choice.ts";

/** Which model, and which of its files. */
export interface ModelRequest {
  readonly model: string;
  readonly variant?: string;
  /** What an automatic choice of the variant may lose; null or absent leaves it to the registry. */
  readonly tolerance?: number | null;
  readonly runtime?: RuntimeRequest;
  /** Default `follow`: a special token that a text spells out acts as one, as in the reference. */
  readonly specialTokens?: SpecialTokenPolicy;
  /** Says on the standard error which runtime was taken, and why. */
  readonly explainRuntime?: boolean | undefined;
  /** Warnings and explanations as JSON. */
  readonly json?: boolean;
  /** Ends the fetching of a damaged file. */
  readonly signal?: AbortSignal;
}

/** A model that is ready to embed. */
export interface OpenedModel {
  readonly engine: EmbeddingEngine;
  readonly entry: ModelEntry;
  /** The variant that `auto` came to. */
  readonly variant: string;
  readonly runtime: Runtime;
  /** What to tell where `auto` left out the variant that comes first of those that are here; else null. */
  readonly note: string | null;
}

/**
 * Finds a model's files, checks them and loads it. Damaged ones are fetched again where that can be done.
 *
 * @throws PatinaError `MODEL_UNKNOWN`, `MODEL_MISSING`, `VARIANT_UNKNOWN`, `INTEGRITY`, `RUNTIME_UNAVAILABLE`.
 */
export async function openModel(root: string | undefined, request: ModelRequest): Promise<OpenedModel> {
  const registry = await openRegistry(root === undefined ? {} : { projectDir: root });
  const entry = registry.entry(request.model);
  const { decision: reasoned, choice: wish } = await runtimeChoice(registry, entry, {
    variant: request.variant,
    runtime: request.runtime,
    tolerance: request.tolerance ?? undefined,
  });
  if (request.explainRuntime) explainRuntime(entry, reasoned, request.json);
  const { runtime } = wish;
  const { decision, spec } = await mending(registry, entry.key, request, async () => {
    const decision = await registry.choose(entry.key, wish);
    // Undecided, the wish as it is leads to the error that says why.
    const chosen = decision.variant === null ? wish : { variant: decision.variant, runtime };
    return { decision, spec: await registry.resolve(entry.key, chosen) };
  });
  const policy = request.specialTokens === undefined ? {} : { specialTokens: request.specialTokens };
  const engine = await openEngine(spec, { runtime, graphCache: registry.graphCache, ...policy });
  for (const warning of engine.warnings) warn("ENGINE", warning, request.json);
  return { engine, entry, variant: spec.variant, runtime, note: noteOf(entry, decision) };
}

function noteOf(entry: ModelEntry, { expected, opinions }: VariantDecision): string | null {
  const taken = opinions.find((opinion) => opinion.taken);
  if (expected || taken === undefined) return null;
  return `auto took ${entry.key}'s variant ${taken.variant}: ${taken.reason}; \`patina doctor\` shows the others`;
}
