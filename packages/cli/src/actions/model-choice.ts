import { existsSync } from "node:fs";
import type { Runtime } from "@patina/core";
import { type ChoiceRequest, type ModelEntry, openRegistry, type Registry } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { findProject, recipePath } from "../project.ts";

/** The registry, with the overlay and the lock of the project one is in. */
export function openProjectRegistry(): Promise<Registry> {
  const root = findProject();
  return openRegistry(root === undefined ? {} : { projectDir: root });
}

/**
 * Which files of a model the command line asks for. Files are for one runtime; left open, it is the one that this
 * machine would run the model on. The variant, left open, is chosen as the project's recipe has it, where that is
 * about this model: what `add` fetches is what `oxidize` will take.
 */
export async function choiceFor(
  registry: Registry,
  entry: ModelEntry,
  { runtime: asked = "auto", variant }: ModelOptions,
): Promise<ChoiceRequest & { runtime: Runtime }> {
  const { chooseRuntime, nativeFacts } = await import("@patina/engine");
  const runtime = asked === "auto" ? chooseRuntime("auto", entry.runtimes).runtime : asked;
  if (variant !== undefined && variant !== "auto") return { variant, runtime };
  const { cpuFeatures } = nativeFacts();
  return { runtime, cpuFeatures, tolerance: await recipeTolerance(registry, entry) };
}

async function recipeTolerance(registry: Registry, entry: ModelEntry): Promise<number | undefined> {
  const root = findProject();
  if (root === undefined || !existsSync(recipePath(root))) return undefined;
  const { loadRecipe } = await import("@patina/projections");
  const { embeddingModel, variantTolerance } = await loadRecipe(recipePath(root));
  return registry.entry(embeddingModel).key === entry.key ? (variantTolerance ?? undefined) : undefined;
}
