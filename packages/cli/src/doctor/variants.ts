import {
  DEFAULT_VARIANT_TOLERANCE,
  type ModelEntry,
  opinionLine,
  type Registry,
  type VariantDecision,
} from "@patina/registry";
import { runtimeChoice } from "../actions/runtime-choice.ts";
import type { Problems } from "./problems.ts";
import type { WantedModel, Wish } from "./wishes.ts";

/** Which of a model's files would be used here, and why. */
export interface VariantReport extends VariantDecision {
  readonly key: string;
  /** A name, or `auto`. */
  readonly requested: string;
  /** Largest 1 − mean cosine against float32 that `auto` may lose. */
  readonly tolerance: number;
}

/** The choice for each wanted model that is here. That the recipe's comes to nothing is a problem. */
export async function variantReports(
  problems: Problems,
  registry: Registry,
  wanted: readonly WantedModel[],
): Promise<VariantReport[]> {
  const reports: VariantReport[] = [];
  for (const { entry, wish, byRecipe } of wanted.filter(({ here }) => here)) {
    // That no runtime can be had is told with the runtimes.
    const tolerable = byRecipe ? [] : ["OVERLAY_UNTRUSTED", "VARIANT_UNKNOWN"];
    const report = await problems.or(
      () => variantReport(registry, entry, wish),
      ["RUNTIME_UNAVAILABLE", ...tolerable],
    );
    if (report === null) continue;
    reports.push(report);
    if (!byRecipe || report.variant !== null) continue;
    const reasons = report.opinions.map(opinionLine);
    problems.all.push({
      code: "VARIANT_UNKNOWN",
      message: `the recipe's variant ${report.requested} of ${entry.key} comes to nothing here: ${reasons.join("; ")}`,
    });
  }
  return reports;
}

/**
 * Which variant a wish comes to on this machine, and why.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE`, `OVERLAY_UNTRUSTED`, `VARIANT_UNKNOWN`.
 */
export async function variantReport(
  registry: Registry,
  entry: ModelEntry,
  wish: Wish,
): Promise<VariantReport> {
  const tolerance = wish.tolerance ?? DEFAULT_VARIANT_TOLERANCE;
  const { choice } = await runtimeChoice(registry, entry, { ...wish, tolerance });
  const decision = await registry.choose(entry.key, choice);
  return { key: entry.key, requested: wish.variant, tolerance, ...decision };
}
