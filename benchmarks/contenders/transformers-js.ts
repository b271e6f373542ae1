/** transformers.js as its documentation shows it: the pipeline, batches of 32 in input order. Runs under Bun and Node. */
import { contend, inputOrder, joined } from "../contender.ts";
import { loadTransformers } from "../peers.ts";

const BATCH = 32;

await contend(async ({ modelsFolder, peersFolder, model }) => {
  const { pipeline } = await loadTransformers(peersFolder, modelsFolder);
  const extract = await pipeline("feature-extraction", model.folder, { dtype: model.dtype });
  return async (texts) => {
    const parts: Float32Array[] = [];
    for (const batch of inputOrder(texts, BATCH)) {
      const output = await extract(batch, { pooling: "mean", normalize: true });
      parts.push(output.data as Float32Array);
    }
    return { vectors: joined(parts), tokens: null };
  };
});
