/** Patina: `embedBatch` over all texts as the command opens its engines. */
import { contend } from "../contender.ts";
import { openPatina, patinaSpec } from "../patina-spec.ts";

await contend(async ({ modelsFolder, model, digests }) => {
  const engine = await openPatina(patinaSpec(model, modelsFolder, digests), modelsFolder);
  return async (texts) => {
    const matrix = await engine.embedBatch(texts);
    return { vectors: matrix.data, tokens: [...matrix.tokens] };
  };
});
