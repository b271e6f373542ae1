import type { RuntimeOffer } from "@patina/native";
import { Pins } from "./lock.ts";
import { fittingVariants, type VariantRequest } from "./select.ts";
import { type ExpectedVariant, expectVariant } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** What the choice of a runtime looks at. */
export interface ModelOffers {
  /** The sets of files that a request fits, in the registry's order. */
  readonly offers: readonly RuntimeOffer[];
  /** All others, of this model and of the rest, untrusted ones left out. */
  readonly others: readonly RuntimeOffer[];
}

/** The sets of files that a request fits and all others, with the size of their weights where it is known. */
export async function modelOffers(
  { catalog, home, locks }: Workspace,
  keyOrAlias: string,
  request: VariantRequest,
): Promise<ModelOffers> {
  const entry = catalog.entry(keyOrAlias);
  const pins = await Pins.read(locks);
  const fits = new Set(fittingVariants(entry, request));
  const rest = catalog
    .models()
    .filter(({ trusted, key }) => trusted || key === entry.key)
    .flatMap((each) => each.variants.map((variant) => ({ entry: each, variant })))
    .filter(({ variant }) => !fits.has(variant));
  return {
    offers: [...fits].map((variant) => offer(expectVariant(home, pins, entry, variant))),
    others: rest.map((each) => offer(expectVariant(home, pins, each.entry, each.variant))),
  };
}

/** The files' own sizes say how large the weights are; where one is not known yet, the entry's estimate does. */
function offer({ entry, variant, files }: ExpectedVariant): RuntimeOffer {
  const sizes = files
    .filter(({ file: { role } }) => role === "weights" || role === "external-data")
    .map(({ size }) => size);
  const known = sizes.filter((size) => size !== undefined);
  const weights =
    known.length === sizes.length ? known.reduce((sum, size) => sum + size, 0) : variant.weightsSize;
  return {
    model: entry.key,
    variant: variant.name,
    runtime: variant.runtime,
    ...(weights === undefined ? {} : { weights }),
  };
}
