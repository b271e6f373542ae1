import { isPatinaError } from "@patina/core";
import type { Registry } from "@patina/registry";
import { type VariantReport, variantReport, type Wish } from "../doctor/variants.ts";

/** What a wish comes to here; where it comes to an error, that error's text. */
export type Choice = VariantReport | { readonly requested: string; readonly refused: string };

/** What of a wish for a model this machine would take. That it can take nothing is an answer as well. */
export async function choiceOf(registry: Registry, key: string, wish: Wish): Promise<Choice> {
  const { nativeFacts } = await import("@patina/engine");
  try {
    return await variantReport(registry, key, wish, nativeFacts().cpuFeatures);
  } catch (error) {
    const answers = ["RUNTIME_UNAVAILABLE", "OVERLAY_UNTRUSTED", "VARIANT_UNKNOWN"] as const;
    if (!isPatinaError(error) || !answers.some((code) => error.code === code)) throw error;
    return { requested: wish.variant, refused: error.message };
  }
}
