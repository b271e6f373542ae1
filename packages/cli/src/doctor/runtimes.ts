import { isPatinaError, type RuntimeRequest } from "@patina/core";
import type { RuntimeDecision } from "@patina/engine";
import type { Registry } from "@patina/registry";
import { runtimeChoice } from "../actions/runtime-choice.ts";
import type { Problems } from "./problems.ts";
import type { WantedModel } from "./wishes.ts";

/** Which runtime a model runs on here, and why; or why on none. */
export interface RuntimeReport {
  readonly key: string;
  readonly requested: RuntimeRequest;
  /** Null where none can be had. */
  readonly decision: RuntimeDecision | null;
  /** Null where one can. */
  readonly refused: string | null;
}

/** The decision for each wanted model. That the recipe's can be run on nothing is a problem; of the others it is shown. */
export async function runtimeReports(
  problems: Problems,
  registry: Registry,
  wanted: readonly WantedModel[],
): Promise<RuntimeReport[]> {
  const reports: RuntimeReport[] = [];
  for (const { entry, wish, byRecipe } of wanted) {
    const { key } = entry;
    const requested = wish.runtime;
    const look = async (): Promise<RuntimeReport> => {
      const { variant, runtime } = wish;
      try {
        const { decision } = await runtimeChoice(registry, entry, { variant, runtime });
        return { key, requested, decision, refused: null };
      } catch (error) {
        if (!isPatinaError(error, "RUNTIME_UNAVAILABLE")) throw error;
        if (byRecipe)
          problems.all.push({ code: error.code, message: `the recipe's ${key}: ${error.message}` });
        return { key, requested, decision: null, refused: error.message };
      }
    };
    // That the recipe names a variant which there is not is told with the variants, or where the model is missing.
    const report = await problems.or(look, ["VARIANT_UNKNOWN"]);
    if (report !== null) reports.push(report);
  }
  return reports;
}
