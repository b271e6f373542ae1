import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError, type Runtime, type RuntimeRequest } from "@patina/core";
import { editRecipe, FILE_KEYS, type RecipeEdits } from "./edit.ts";
import { loadRecipe, RECIPE_PATH, writeDefaultRecipe } from "./file.ts";
import type { Recipe } from "./recipe.ts";

/** What of a model's entry decides whether a recipe can name it. */
export interface RecipeModel {
  readonly key: string;
  readonly aliases: readonly string[];
  /** Numbers in a full vector. */
  readonly dimension: number;
  /** The shortest cut; absent where vectors cannot be cut. */
  readonly minDimension?: number | undefined;
  readonly variants: readonly { readonly name: string; readonly runtime: Runtime }[];
}

/** What is wanted beside the model; a key that is left out stays as the recipe has it. */
export interface ModelWish {
  readonly variant?: string | undefined;
  readonly runtime?: RuntimeRequest | undefined;
}

/** What became of a recipe. */
export interface ModelChange {
  readonly file: string;
  /** There was no recipe before. */
  readonly created: boolean;
  /** What says something else now; empty where the recipe said all of it already. */
  readonly changes: readonly { readonly key: string; readonly before: string; readonly after: string }[];
  readonly recipe: Recipe;
}

/**
 * Names another model in the project's recipe, keeping comments and order; writes a recipe where there is none.
 *
 * @throws PatinaError `RECIPE_INVALID` where the recipe asks for what the model does not have: a cut of its vectors, a
 * variant, a runtime. The recipe is left alone then.
 */
export async function changeModel(root: string, model: RecipeModel, wish: ModelWish): Promise<ModelChange> {
  const file = join(root, RECIPE_PATH);
  const created = !existsSync(file);
  const before = created ? undefined : await loadRecipe(file);
  const { variant = before?.variant ?? "auto", runtime = before?.runtime ?? "auto" } = wish;
  requireFiles(file, model, variant, runtime);
  requireDimension(file, model, before?.dimension ?? null);
  if (created) await writeDefaultRecipe(root, model.key);
  // An alias of the same model is as good a name.
  const named = [model.key, ...model.aliases].includes(before?.embeddingModel ?? "");
  const edits: RecipeEdits = { ...(named ? {} : { embeddingModel: model.key }), variant, runtime };
  const current = before ?? (await loadRecipe(file));
  const changed = Object.entries(edits).filter(([key, value]) => current[key as keyof Recipe] !== value);
  await editRecipe(file, Object.fromEntries(changed));
  const recipe = await loadRecipe(file);
  const changes = changed.map(([key, after]) => ({
    key: FILE_KEYS[key as keyof RecipeEdits],
    before: String(current[key as keyof Recipe]),
    after: String(after),
  }));
  return { file, created, changes, recipe };
}

function requireFiles(file: string, model: RecipeModel, variant: string, runtime: RuntimeRequest): void {
  const fits = model.variants.some(
    (each) =>
      (variant === "auto" || each.name === variant) && (runtime === "auto" || each.runtime === runtime),
  );
  if (fits) return;
  const has = model.variants.map((each) => `${each.name} (${each.runtime})`).join(", ");
  const message =
    `${model.key} has no files for variant ${variant} on runtime ${runtime}; it has ${has}. ` +
    "Say which with --variant and --runtime; auto leaves it open";
  throw new PatinaError("RECIPE_INVALID", message, { file, key: model.key });
}

function requireDimension(file: string, model: RecipeModel, dimension: number | null): void {
  const { key, dimension: full, minDimension: least = full } = model;
  if (dimension === null || (dimension <= full && dimension >= least)) return;
  const can = least === full ? `has ${full}, and cannot be cut` : `may be cut to ${least} to ${full}`;
  const message =
    `the recipe keeps ${dimension} numbers of each vector (dimension: ${dimension}), and ${key} ${can}; ` +
    "change `dimension` in the recipe first (null keeps all), or choose another model";
  throw new PatinaError("RECIPE_INVALID", message, { file, key: "dimension", expected: can });
}
