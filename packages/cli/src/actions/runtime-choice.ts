import type { Runtime, RuntimeRequest } from "@patina/core";
import type { RuntimeDecision } from "@patina/engine";
import type { ChoiceRequest, ModelEntry, Registry } from "@patina/registry";
import { safeJson, visibleLine } from "../terminal/visible.ts";

/** What is asked of a model; what is left out is `auto`. */
export interface RuntimeWish {
  readonly variant?: string | undefined;
  readonly runtime?: RuntimeRequest | undefined;
  readonly tolerance?: number | undefined;
}

/** The runtime that this machine runs a model on, and what to ask the registry for then. */
export interface RuntimeChoice {
  readonly decision: RuntimeDecision;
  readonly choice: ChoiceRequest & { readonly runtime: Runtime };
}

/**
 * Decides the runtime, by machine, build and memory; the variant within it is the registry's to decide.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE` with the reasons, the numbers and what would fit; `VARIANT_UNKNOWN`.
 */
export async function runtimeChoice(
  registry: Registry,
  { key }: ModelEntry,
  { variant = "auto", runtime = "auto", tolerance }: RuntimeWish,
): Promise<RuntimeChoice> {
  const { chooseRuntime, nativeFacts } = await import("@patina/engine");
  const { offers, others } = await registry.offers(key, { variant });
  const decision = chooseRuntime(runtime, offers, others);
  const { cpuFeatures } = nativeFacts();
  const { runtime: chosen, tooLarge } = decision;
  return { decision, choice: { variant, runtime: chosen, cpuFeatures, tolerance, tooLarge } };
}

/** `--explain-runtime`: the decision on the standard error, as lines or as JSON. */
export function explainRuntime({ key }: ModelEntry, decision: RuntimeDecision, json = false): void {
  const lines = [
    `runtime of ${key}: ${decision.runtime}`,
    ...decision.reasons.map((reason) => `  ${reason}`),
  ];
  const text = json ? safeJson({ runtime: { model: key, ...decision } }) : lines.map(visibleLine).join("\n");
  process.stderr.write(`${text}\n`);
}
