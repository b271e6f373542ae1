export type { GateRecipe, ProjectionName, ProjectionRecipe, Recipe, SourcesRecipe } from "./recipe.ts";
export { PROJECTION_NAMES } from "./recipe.ts";
