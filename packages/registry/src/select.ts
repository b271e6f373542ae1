import { nearest, PatinaError, type Runtime } from "@patina/core";
import { opinionLine, type VariantDecision, type VariantWish } from "./choose-variant.ts";
import type { ModelEntry, ModelVariant } from "./model-entry.ts";

/** Which of a model's variants a caller wants; `auto` or nothing leaves the choice open. */
export interface VariantRequest {
  readonly variant?: string | undefined;
  readonly runtime?: Runtime | undefined;
}

/** A {@link VariantRequest} with what decides where it leaves the choice open. */
export interface ChoiceRequest extends VariantRequest, VariantWish {}

/** `int8 (onnx)` */
export function variantLabel(variant: { name: string; runtime: Runtime }): string {
  return `${variant.name} (${variant.runtime})`;
}

/** True where the caller left the variant open. */
export function isOpen(request: VariantRequest): boolean {
  return request.variant === undefined || request.variant === "auto";
}

/** The variants a request fits, in the registry's order; an error when it fits none. */
export function fittingVariants(entry: ModelEntry, request: VariantRequest): ModelVariant[] {
  const { variant: name, runtime } = request;
  const fits = entry.variants.filter(
    (variant) =>
      (runtime === undefined || variant.runtime === runtime) && (isOpen(request) || variant.name === name),
  );
  if (fits.length > 0) return fits;
  const suggestion = isOpen(request)
    ? undefined
    : nearest(
        name ?? "",
        entry.variants.map((variant) => variant.name),
      );
  const asked = isOpen(request) ? "" : ` ${JSON.stringify(name)}`;
  const on = runtime === undefined ? "" : ` for ${runtime}`;
  throw new PatinaError(
    "VARIANT_UNKNOWN",
    `${entry.key} has no variant${asked}${on}; it has ${entry.variants.map(variantLabel).join(", ")}`,
    { key: name ?? entry.key, ...(suggestion === undefined ? {} : { suggestion }) },
  );
}

/** The error where variants could be had and `auto` may take none of them. */
export function undecided(entry: ModelEntry, { opinions }: VariantDecision): PatinaError {
  const reasons = opinions.map(opinionLine);
  return new PatinaError(
    "VARIANT_UNKNOWN",
    `auto takes none of ${entry.key}'s variants: ${reasons.join("; ")}. Name one (\`--variant NAME\`, or ` +
      "`variant: NAME` in the recipe), or allow more with `variant_tolerance` in the recipe",
    { key: entry.key },
  );
}

/** Entries of an overlay that nobody trusted are shown and never acted on. */
export function requireTrust(entry: ModelEntry): void {
  if (entry.trusted) return;
  throw new PatinaError(
    "OVERLAY_UNTRUSTED",
    `${entry.key} comes from this project's .patina/models.toml, which nobody on this machine has trusted as it is ` +
      "now. Read the file, then run `patina trust` in the project",
    { file: ".patina/models.toml", key: entry.key },
  );
}
