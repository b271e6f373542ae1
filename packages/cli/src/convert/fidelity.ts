import { cosine, type ModelSpec, openEngine } from "@patina/engine";
import type { VariantQuality } from "@patina/registry";
import { PROBE_TEXTS } from "./probe-texts.ts";

/** How near vectors are to others of the same texts. */
export interface Nearness {
  /** Of the text whose two vectors are furthest apart. */
  readonly cosineMin: number;
  readonly cosineMean: number;
}

/** A converted model beside its source, and beside itself in batches. */
export interface Fidelity {
  readonly quality: VariantQuality;
  /**
   * What `batching: batched` moves where activations are quantised per run, so that a vector depends on its
   * batch-mates; `null` where they are not.
   */
  readonly batched: Nearness | null;
}

/** Embeds the probe texts with both models, one text a run, and where batches matter with the converted one in batches. */
export async function measureFidelity(
  source: ModelSpec,
  converted: ModelSpec,
  batchesMatter: boolean,
  signal: AbortSignal,
): Promise<Fidelity> {
  const reference = await vectors(source, "exact", signal);
  const exact = await vectors(converted, "exact", signal);
  const batched = batchesMatter ? nearness(exact, await vectors(converted, "batched", signal)) : null;
  return { quality: { ...nearness(reference, exact), texts: PROBE_TEXTS.length }, batched };
}

async function vectors(
  spec: ModelSpec,
  batching: "exact" | "batched",
  signal: AbortSignal,
): Promise<Float32Array[]> {
  await using engine = await openEngine(spec, { batching });
  const matrix = await engine.embedBatch(PROBE_TEXTS, { signal });
  return PROBE_TEXTS.map((_, index) => matrix.row(index));
}

function nearness(left: readonly Float32Array[], right: readonly Float32Array[]): Nearness {
  const cosines = left.map((vector, index) => cosine(vector, right[index] as Float32Array));
  const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
  return { cosineMin: rounded(Math.min(...cosines)), cosineMean: rounded(mean) };
}

/** More digits would depend on the processor; float32 may come to a little above 1. */
function rounded(value: number): number {
  return Math.min(1, Math.floor(value * 1e5) / 1e5);
}
