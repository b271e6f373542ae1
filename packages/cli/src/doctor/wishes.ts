import type { RuntimeRequest } from "@patina/core";
import type { ModelEntry, ModelStatus, Registry } from "@patina/registry";
import type { Problems } from "./problems.ts";
import type { ProjectReport } from "./project.ts";

/** What is asked of a model: a recipe's wish, or {@link AUTOMATIC}. */
export interface Wish {
  readonly variant: string;
  readonly runtime: RuntimeRequest;
  readonly tolerance: number | null;
}

/** All left open. */
export const AUTOMATIC: Wish = { variant: "auto", runtime: "auto", tolerance: null };

/** A model of interest: one that is here, or the recipe's. */
export interface WantedModel {
  readonly entry: ModelEntry;
  readonly wish: Wish;
  /** What comes of the recipe's model is a problem where it comes to nothing; of another it is only shown. */
  readonly byRecipe: boolean;
  /** Whether any variant of it is on this machine. */
  readonly here: boolean;
}

/** The models that are here, as `auto` has them, and the recipe's model, as the recipe has it. */
export async function wantedModels(
  problems: Problems,
  registry: Registry,
  statuses: readonly ModelStatus[],
  project: ProjectReport | null,
): Promise<WantedModel[]> {
  const here = new Set(statuses.filter(({ state }) => state === "installed").map(({ key }) => key));
  const recipe = project?.recipe ?? null;
  // An unknown model is a problem that is told where the recipe's model is looked for.
  const wanted = recipe && (await problems.or(() => registry.entry(recipe.model).key, ["MODEL_UNKNOWN"]));
  const keys = wanted === null ? here : new Set([...here, wanted]);
  return [...keys].map((key) => {
    const byRecipe = key === wanted && recipe !== null;
    const wish = byRecipe ? { ...recipe, tolerance: recipe.variantTolerance } : AUTOMATIC;
    return { entry: registry.entry(key), wish, byRecipe, here: here.has(key) };
  });
}
