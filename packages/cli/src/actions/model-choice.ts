import { existsSync } from "node:fs";
import { isPatinaError, type Runtime } from "@patina/core";
import { type ChoiceRequest, type ModelEntry, openRegistry, type Registry } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { findProject, recipePath } from "../project.ts";
import type { JsonOptions } from "./model.ts";
import { explainRuntime, runtimeChoice } from "./runtime-choice.ts";

/** The registry, with the overlay and the lock of the project one is in. */
export function openProjectRegistry(): Promise<Registry> {
  const root = findProject();
  return openRegistry(root === undefined ? {} : { projectDir: root });
}

/** What a command line comes to. */
export interface FilesChoice {
  readonly choice: ChoiceRequest & { readonly runtime: Runtime };
  /** Why this machine does not run the files, where a runtime was named that it does not have; else null. */
  readonly unfit: string | null;
}

/**
 * Which files of a model the command line asks for. Files are for one runtime; left open, it is the one that this
 * machine would run the model on. One that is named is taken though the machine cannot run it: files may be fetched for
 * another. The variant, left open, is chosen as the project's recipe has it, where that is about this model: what `add`
 * fetches is what `oxidize` will take.
 */
export async function choiceFor(
  registry: Registry,
  entry: ModelEntry,
  { runtime = "auto", variant = "auto", explainRuntime: explain, json }: ModelOptions & JsonOptions,
): Promise<FilesChoice> {
  const tolerance = variant === "auto" ? await recipeTolerance(registry, entry) : undefined;
  try {
    const { decision, choice } = await runtimeChoice(registry, entry, { variant, runtime, tolerance });
    if (explain) explainRuntime(entry, decision, json);
    return { choice, unfit: null };
  } catch (error) {
    if (runtime === "auto" || !isPatinaError(error, "RUNTIME_UNAVAILABLE")) throw error;
    const { nativeFacts } = await import("@patina/engine");
    const { cpuFeatures } = nativeFacts();
    return { choice: { variant, runtime, cpuFeatures, tolerance }, unfit: error.message };
  }
}

async function recipeTolerance(registry: Registry, entry: ModelEntry): Promise<number | undefined> {
  const root = findProject();
  if (root === undefined || !existsSync(recipePath(root))) return undefined;
  const { loadRecipe } = await import("@patina/projections");
  const { embeddingModel, variantTolerance } = await loadRecipe(recipePath(root));
  return registry.entry(embeddingModel).key === entry.key ? (variantTolerance ?? undefined) : undefined;
}
