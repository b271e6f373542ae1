import { isPatinaError } from "@patina/core";
import type { Manifest, ModelChange, Recipe } from "@patina/projections";
import type { ModelOptions } from "../commands/options.ts";
import { needProject } from "../project.ts";
import { counted } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";
import { type Choice, choiceOf } from "./variant-choice.ts";

/** What a change of the recipe means for the index that is there. */
interface IndexEffect {
  readonly generation: string;
  readonly model: Manifest["model"];
  /** Distinct texts in it, each of which an index of another model embeds anew. */
  readonly texts: number;
  /** Whether the recipe's model made it; null where it cannot be told here which files `auto` comes to. */
  readonly fits: boolean | null;
}

/** Null where nothing is indexed. */
type IndexState = IndexEffect | { readonly unreadable: string } | null;

/** `patina model use`: names another model in the recipe, and says what that invalidates. */
export async function useModel(key: string, options: ModelOptions & JsonOptions): Promise<void> {
  const root = needProject();
  const registry = await openProjectRegistry();
  const entry = registry.entry(key);
  const { changeModel } = await import("@patina/projections");
  const { variant, runtime } = options;
  const change = await changeModel(root, entry, { variant, runtime });
  const { recipe } = change;
  const wish = { variant: recipe.variant, runtime: recipe.runtime, tolerance: recipe.variantTolerance };
  const choice = await choiceOf(registry, entry, wish);
  const index = await indexEffect(root, entry.key, recipe, choice);
  const next = nextSteps(entry.key, recipe, choice, index);
  if (options.json) {
    const { file, created, changes } = change;
    return print(`${safeJson({ key: entry.key, file, created, changes, choice, index, next }, 2)}\n`);
  }
  return print(`${[...changeLines(change), ...indexLines(index), ...next].map(visibleLine).join("\n")}\n`);
}

async function indexEffect(root: string, key: string, recipe: Recipe, choice: Choice): Promise<IndexState> {
  const { currentIndex } = await import("@patina/projections");
  let manifest: Manifest | null;
  try {
    manifest = currentIndex(root);
  } catch (error) {
    // The recipe is changed by now; an index that cannot be read is replaced by the next run.
    if (!isPatinaError(error, "INTEGRITY") && !isPatinaError(error, "INDEX_INCOMPATIBLE")) throw error;
    return { unreadable: error.message };
  }
  if (manifest === null) return null;
  const { id: generation, model, counts } = manifest;
  return { generation, model, texts: counts.texts, fits: fits(model, key, recipe, choice) };
}

function fits(
  model: Manifest["model"],
  key: string,
  { variant, runtime }: Recipe,
  choice: Choice,
): boolean | null {
  const named =
    (variant === "auto" || variant === model.variant) && (runtime === "auto" || runtime === model.runtime);
  if (model.key !== key || !named) return false;
  if ("refused" in choice || choice.variant === null) return null;
  return model.variant === choice.variant && model.runtime === choice.runtime;
}

function changeLines({ file, created, changes }: ModelChange): string[] {
  const lines = changes.map(({ key, before, after }) => `${file}: ${key} was ${before}, is ${after}`);
  if (created) return [`wrote ${file}: edit it to choose what is indexed, and commit it`, ...lines];
  return lines.length > 0 ? lines : [`${file} says so already; nothing was changed`];
}

function indexLines(index: IndexState): string[] {
  if (index === null) return ["nothing is indexed yet"];
  if ("unreadable" in index) return [index.unreadable];
  const { model, texts, fits: same, generation } = index;
  const made = `${model.key} ${model.variant} (${model.runtime})`;
  const known = `the index (generation ${generation}) was made by ${made}`;
  if (same === true) return [`${known}, and stays as it is`];
  const anew =
    same === null
      ? "whether that is what the recipe comes to shows when the model is here"
      : "not what the recipe asks for now";
  return [
    `${known}: ${anew}`,
    `it serves searches until \`patina oxidize\` has embedded its ${counted(texts, "text")} anew; ` +
      "vectors of both models stay in the cache",
  ];
}

function nextSteps(key: string, { variant, runtime }: Recipe, choice: Choice, index: IndexState): string[] {
  if ("refused" in choice) return [`not here: ${choice.refused}`];
  const wanted = [
    ...(variant === "auto" ? [] : ["--variant", variant]),
    ...(runtime === "auto" ? [] : ["--runtime", runtime]),
  ];
  const steps = choice.variant === null ? [`patina model add ${[key, ...wanted].join(" ")}`] : [];
  if (index === null || "unreadable" in index || index.fits !== true) steps.push("patina oxidize");
  return steps.map((step) => `next: ${step}`);
}
