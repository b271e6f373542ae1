import { isPatinaError } from "@patina/core";
import type { ModelSpec } from "@patina/engine";
import type { VariantQuality } from "@patina/registry";
import { measureFidelity, type Nearness } from "./fidelity.ts";

/** What was measured of a converted model. */
export interface Measured {
  /** `null` where nothing was measured. */
  readonly quality: VariantQuality | null;
  readonly batched: Nearness | null;
  /** Why nothing was. */
  readonly unmeasured: string | null;
}

/**
 * Measures a converted model against its source where this machine can run both. Where it lacks the runtime or the memory
 * for one of them there is no figure, and the reason: what was too large is what most needs converting.
 */
export async function measure(
  source: ModelSpec,
  converted: ModelSpec,
  batchesMatter: boolean,
  signal: AbortSignal,
): Promise<Measured> {
  try {
    return { ...(await measureFidelity(source, converted, batchesMatter, signal)), unmeasured: null };
  } catch (error) {
    if (!isPatinaError(error, "RUNTIME_UNAVAILABLE")) throw error;
    return { quality: null, batched: null, unmeasured: error.message };
  }
}
