/** transformers.js as its documentation shows it: the pipeline, batches of 32 in input order. */
import { contend, inputOrder, MODEL } from "./contender.ts";
import { loadTransformers } from "./peers.ts";

const BATCH = 32;

await contend(async ({ modelsFolder, peersFolder, variant }) => {
  const { pipeline } = await loadTransformers(peersFolder, modelsFolder);
  const extract = await pipeline("feature-extraction", MODEL, { dtype: variant });
  return async (texts) => {
    const parts: Float32Array[] = [];
    for (const batch of inputOrder(texts, BATCH)) {
      const output = await extract(batch, { pooling: "mean", normalize: true });
      parts.push(output.data as Float32Array);
    }
    return { vectors: joined(parts), tokens: null };
  };
});

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
