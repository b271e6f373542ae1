import type { ModelStatus, Registry } from "@patina/registry";
import type { Problems } from "./problems.ts";
import type { ProjectReport } from "./project.ts";

/** Notes the models that the project names and that are not here: `oxidize` and `scry` would end with that. */
export async function findMissingModels(
  problems: Problems,
  registry: Registry,
  statuses: readonly ModelStatus[],
  { recipe, index }: ProjectReport,
): Promise<void> {
  const add = (options: string) => `run \`patina model add ${options}\``;
  const here = statuses.filter(({ state }) => state === "installed");
  const wanted = recipe === null ? null : await problems.or(() => registry.entry(recipe.model));
  if (wanted !== null && !here.some(({ key }) => key === wanted.key)) {
    problems.all.push({
      code: "MODEL_MISSING",
      message: `the recipe's model ${wanted.key} is not on this machine; ${add(wanted.key)}`,
    });
  }
  if (index === null) return;
  const { model, variant, runtime } = index;
  if (here.some((status) => status.key === model && status.variant === variant && status.runtime === runtime))
    return;
  problems.all.push({
    code: "MODEL_MISSING",
    message:
      `the index was made with ${model} ${variant} (${runtime}), which is not on this machine; ` +
      `${add(`${model} --variant ${variant} --runtime ${runtime}`)} to search it`,
  });
}
