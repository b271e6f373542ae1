import type { Runtime, RuntimeRequest } from "@patina/core";
import { chooseRuntime, type NativeFacts } from "@patina/engine";
import {
  DEFAULT_VARIANT_TOLERANCE,
  type ModelStatus,
  opinionLine,
  type Registry,
  type VariantDecision,
} from "@patina/registry";
import type { Problems } from "./problems.ts";
import type { ProjectReport } from "./project.ts";

/** Which of a model's files would be used here, and why. */
export interface VariantReport extends VariantDecision {
  readonly key: string;
  /** A name, or `auto`. */
  readonly requested: string;
  /** Largest 1 − mean cosine against float32 that `auto` may lose. */
  readonly tolerance: number;
}

/** What is asked of a model: a recipe's wish, or {@link AUTOMATIC}. */
export interface Wish {
  readonly variant: string;
  readonly runtime: RuntimeRequest;
  readonly tolerance: number | null;
}

/** All left open. */
export const AUTOMATIC: Wish = { variant: "auto", runtime: "auto", tolerance: null };

/**
 * The choice for the recipe's model, as the recipe has it, and for every other model that is here, as `auto` has it.
 * That the recipe's model comes to nothing is a problem; of the others it is only shown.
 */
export async function variantReports(
  problems: Problems,
  registry: Registry,
  statuses: readonly ModelStatus[],
  { cpuFeatures }: NativeFacts,
  project: ProjectReport | null,
): Promise<VariantReport[]> {
  const here = new Set(statuses.filter(({ state }) => state === "installed").map(({ key }) => key));
  const recipe = project?.recipe ?? null;
  // An unknown model is a problem that is told where the recipe's model is looked for.
  const wanted = recipe && (await problems.or(() => registry.entry(recipe.model).key, ["MODEL_UNKNOWN"]));
  const reports: VariantReport[] = [];
  for (const key of here) {
    const wish =
      key === wanted && recipe !== null ? { ...recipe, tolerance: recipe.variantTolerance } : AUTOMATIC;
    const tolerable = key === wanted ? [] : ["RUNTIME_UNAVAILABLE", "OVERLAY_UNTRUSTED", "VARIANT_UNKNOWN"];
    const report = await problems.or(() => variantReport(registry, key, wish, cpuFeatures), tolerable);
    if (report === null) continue;
    reports.push(report);
    if (key !== wanted || report.variant !== null) continue;
    const reasons = report.opinions.map(opinionLine);
    problems.all.push({
      code: "VARIANT_UNKNOWN",
      message: `the recipe's variant ${report.requested} of ${key} comes to nothing here: ${reasons.join("; ")}`,
    });
  }
  return reports;
}

/**
 * Which variant a wish comes to on this processor, and why.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE`, `OVERLAY_UNTRUSTED`, `VARIANT_UNKNOWN`.
 */
export async function variantReport(
  registry: Registry,
  key: string,
  wish: Wish,
  cpuFeatures: readonly string[],
): Promise<VariantReport> {
  const runtime: Runtime = chooseRuntime(wish.runtime, registry.entry(key).runtimes).runtime;
  const tolerance = wish.tolerance ?? DEFAULT_VARIANT_TOLERANCE;
  const decision = await registry.choose(key, { variant: wish.variant, runtime, cpuFeatures, tolerance });
  return { key, requested: wish.variant, tolerance, ...decision };
}
