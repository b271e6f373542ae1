/** Patina: `embedBatch` over all texts with the engine's defaults. */
import { openEngine } from "@patina/engine";
import { contend } from "../contender.ts";
import { patinaSpec } from "../patina-spec.ts";

await contend(async ({ modelsFolder, model, digests }) => {
  const engine = await openEngine(patinaSpec(model, modelsFolder, digests));
  return async (texts) => {
    const matrix = await engine.embedBatch(texts);
    return { vectors: matrix.data, tokens: [...matrix.tokens] };
  };
});
