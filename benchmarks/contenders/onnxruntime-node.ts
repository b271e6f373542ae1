/**
 * onnxruntime-node used directly, as someone would who wants no pipeline: transformers.js' tokenizer, batches of 32 in
 * input order, the session's default options, pooling by hand.
 */
import { join } from "node:path";
import { contend, inputOrder } from "../contender.ts";
import { loadOnnxruntime, loadTransformers } from "../peers.ts";

const BATCH = 32;

await contend(async ({ modelsFolder, peersFolder, model }) => {
  const { AutoTokenizer } = await loadTransformers(peersFolder, modelsFolder);
  const { InferenceSession, Tensor } = await loadOnnxruntime(peersFolder);
  const tokenizer = await AutoTokenizer.from_pretrained(model.folder);
  const session = await InferenceSession.create(join(modelsFolder, model.folder, model.weights));
  const { dimension } = model;
  return async (texts) => {
    const vectors = new Float32Array(texts.length * dimension);
    const tokens: number[] = [];
    let row = 0;
    for (const batch of inputOrder(texts, BATCH)) {
      const encoded = tokenizer(batch, { padding: true, truncation: true, max_length: model.maxTokens });
      const mask = encoded.attention_mask.data as BigInt64Array;
      const feeds = Object.fromEntries(
        session.inputNames.map((name) => {
          const input = encoded[name];
          if (input === undefined) throw new Error(`the tokenizer gives no ${name}`);
          return [name, new Tensor("int64", input.data as BigInt64Array, input.dims)];
        }),
      );
      const output = await session.run(feeds);
      const hidden = (output.last_hidden_state ?? Object.values(output)[0])?.data as Float32Array;
      const width = mask.length / batch.length;
      for (let text = 0; text < batch.length; text++, row++) {
        const target = vectors.subarray(row * dimension, (row + 1) * dimension);
        tokens.push(pool(hidden, mask, text * width, width, target));
      }
    }
    return { vectors, tokens };
  };
});

/** Mean over the mask, then unit length; returns how many tokens were real. */
function pool(
  hidden: Float32Array,
  mask: BigInt64Array,
  first: number,
  width: number,
  target: Float32Array,
): number {
  let count = 0;
  for (let token = first; token < first + width; token++) {
    if (mask[token] === 0n) continue;
    count++;
    const offset = token * target.length;
    for (let i = 0; i < target.length; i++)
      target[i] = (target[i] as number) + (hidden[offset + i] as number);
  }
  let square = 0;
  for (const value of target) square += value * value;
  const length = Math.sqrt(square);
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) / length;
  return count;
}
