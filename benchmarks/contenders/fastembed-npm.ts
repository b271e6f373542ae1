/**
 * fastembed from npm with a local model (`EmbeddingModel.CUSTOM`), its defaults: batches of 256 in input order, every
 * text padded to the limit. It takes the first token's vector whatever the model was trained for, so its vectors of a
 * mean-pooled model are not the model's; the work is timed all the same.
 */
import { join } from "node:path";
import { contend, joined } from "../contender.ts";
import { loadFastembed } from "../peers.ts";

await contend(async ({ modelsFolder, peersFolder, model }) => {
  const { FlagEmbedding, EmbeddingModel } = await loadFastembed(peersFolder);
  const embedder = await FlagEmbedding.init({
    model: EmbeddingModel.CUSTOM,
    modelAbsoluteDirPath: join(modelsFolder, model.folder),
    modelName: model.weights,
    maxLength: model.maxTokens,
  });
  return async (texts) => {
    const rows: Float32Array[] = [];
    for await (const batch of embedder.embed([...texts])) {
      for (const row of batch) rows.push(Float32Array.from(row));
    }
    return { vectors: joined(rows), tokens: null };
  };
});
