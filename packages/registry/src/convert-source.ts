import { PatinaError, type Runtime } from "@patina/core";
import { isInstalled } from "./check.ts";
import { lookAt, type SeenVariant } from "./decide.ts";
import { Pins } from "./lock.ts";
import type { ModelEntry, Numerics } from "./model-entry.ts";
import { fittingVariants, variantLabel } from "./select.ts";
import type { Workspace } from "./workspace.ts";

/** What a conversion makes, and out of what. */
export interface ConversionTarget {
  /** The name of the one variant that a converted model has. */
  readonly variant: string;
  /** Of the source as well. */
  readonly runtime: Runtime;
  readonly numerics: Numerics;
  /** What the source may be in, best first. */
  readonly from: readonly Numerics[];
  /** What was made, for the model's description: `dynamic int8`. */
  readonly what: string;
}

/** An installed variant that the target may be made from, for its numerics say so or nothing: the core sees the file. */
export async function sourceVariant(
  workspace: Workspace,
  entry: ModelEntry,
  name: string | undefined,
  { runtime, from }: ConversionTarget,
): Promise<SeenVariant> {
  const fits = fittingVariants(entry, { variant: name, runtime });
  const float = fits.filter(({ numerics }) => numerics === undefined || from.includes(numerics));
  if (float.length === 0) {
    throw new PatinaError(
      "VARIANT_UNKNOWN",
      `${entry.key} has no ${from.join(", ")} variant for ${runtime} to convert; it has ${entry.variants
        .map((variant) => `${variantLabel(variant)}: ${variant.numerics ?? "numerics not stated"}`)
        .join(", ")}`,
      { key: entry.key },
    );
  }
  const known = from.flatMap((numerics) => float.filter((variant) => variant.numerics === numerics));
  const candidates = known.length > 0 ? known : float;
  const pins = await Pins.read(workspace.locks);
  for (const variant of candidates) {
    const seen = await lookAt(workspace, pins, entry, variant);
    if (isInstalled(seen.files)) return seen;
  }
  const [first] = candidates;
  throw new PatinaError(
    "MODEL_MISSING",
    `the ${first?.numerics ?? from[0]} variant of ${entry.key} is not on this machine; run ` +
      `\`patina model add ${entry.key} --variant ${first?.name} --runtime ${runtime}\``,
    { key: entry.key },
  );
}
