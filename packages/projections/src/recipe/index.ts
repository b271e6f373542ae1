export { changeModel, type ModelChange, type ModelWish, type RecipeModel } from "./change-model.ts";
export type { RecipeEdits } from "./edit.ts";
export { editRecipe, editRecipeText, setRecipeModel } from "./edit.ts";
export { loadRecipe, RECIPE_PATH, writeDefaultRecipe } from "./file.ts";
export { parseRecipe } from "./parse.ts";
export type {
  GateRecipe,
  ProjectionName,
  ProjectionRecipe,
  Recipe,
  SearchRecipe,
  SourcesRecipe,
} from "./recipe.ts";
export { PROJECTION_NAMES } from "./recipe.ts";
