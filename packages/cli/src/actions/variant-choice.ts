import { isPatinaError } from "@patina/core";
import type { ModelEntry, Registry } from "@patina/registry";
import { type VariantReport, variantReport } from "../doctor/variants.ts";
import type { Wish } from "../doctor/wishes.ts";

/** What a wish comes to here; where it comes to an error, that error's text. */
export type Choice = VariantReport | { readonly requested: string; readonly refused: string };

/** What of a wish for a model this machine would take. That it can take nothing is an answer as well. */
export async function choiceOf(registry: Registry, entry: ModelEntry, wish: Wish): Promise<Choice> {
  try {
    return await variantReport(registry, entry, wish);
  } catch (error) {
    const answers = ["RUNTIME_UNAVAILABLE", "OVERLAY_UNTRUSTED", "VARIANT_UNKNOWN"] as const;
    if (!isPatinaError(error) || !answers.some((code) => error.code === code)) throw error;
    return { requested: wish.variant, refused: error.message };
  }
}
