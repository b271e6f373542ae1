import { existsSync } from "node:fs";
import type { ModelDescription, ModelEntry } from "@patina/registry";
import { AUTOMATIC, type Wish } from "../doctor/wishes.ts";
import { findProject, recipePath } from "../project.ts";
import { print } from "../terminal/output.ts";
import { styleFor, widthOf } from "../terminal/style.ts";
import { safeJson } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";
import { showText } from "./show-text.ts";
import { type Choice, choiceOf } from "./variant-choice.ts";

/** A project's recipe, as far as it is about a model. */
export interface RecipeUse {
  readonly file: string;
  /** Whether it names the model, by its key or an alias. */
  readonly uses: boolean;
}

/** What `patina model show` found. */
export interface ShownModel extends ModelDescription {
  /** Null outside of a project, and in one without a recipe. */
  readonly recipe: RecipeUse | null;
  /** Of `auto`, or of what the recipe asks for where it uses the model. */
  readonly choice: Choice;
}

/** `patina model show`: facts, files, and what becomes of the model here. */
export async function showModel(key: string, options: JsonOptions): Promise<void> {
  const registry = await openProjectRegistry();
  const description = await registry.describe(key);
  const { entry } = description;
  const { recipe, wish } = await recipeOf(entry);
  const shown = { ...description, recipe, choice: await choiceOf(registry, entry, wish) };
  await print(
    options.json
      ? `${safeJson(toJson(shown), 2)}\n`
      : showText(shown, styleFor(process.stdout), widthOf(process.stdout)),
  );
}

async function recipeOf(entry: ModelEntry): Promise<{ recipe: RecipeUse | null; wish: Wish }> {
  const root = findProject();
  if (root === undefined || !existsSync(recipePath(root))) return { recipe: null, wish: AUTOMATIC };
  const { loadRecipe } = await import("@patina/projections");
  const { embeddingModel, variant, runtime, variantTolerance } = await loadRecipe(recipePath(root));
  const uses = [entry.key, ...entry.aliases].includes(embeddingModel);
  const wish = uses ? { variant, runtime, tolerance: variantTolerance } : AUTOMATIC;
  return { recipe: { file: recipePath(root), uses }, wish };
}

function toJson({ entry, variants, recipe, choice }: ShownModel): object {
  const { files: _files, variants: _variants, ...facts } = entry;
  // What is not there is null, so that a program meets the same keys for every model.
  const optional = {
    minDimension: null,
    queryTemplate: null,
    passageTemplate: null,
    defaultTask: null,
    check: null,
  };
  return { ...optional, ...facts, variants, recipe, choice };
}
