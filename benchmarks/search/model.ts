/** The model everything here is measured with: all-MiniLM-L6-v2 in float32, as the sets' table was made with. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingEngine } from "@patina/core";
import { float32MiniLm } from "../../scripts/minilm-float32.ts";
import { MODELS } from "../models.ts";
import { digestsOf, openPatina, patinaSpec } from "../patina-spec.ts";
import { ROOT } from "../prepare.ts";
import { rememberingQueries } from "./remembering.ts";

const MODEL = MODELS["minilm-fp32"];

/** What indexes record of it. */
export const INDEXED_MODEL: { readonly key: string; readonly variant: string } = {
  key: MODEL.folder,
  variant: MODEL.dtype,
};

/** Opens it; built at the first call, which takes minutes. */
export async function openModel(): Promise<EmbeddingEngine> {
  const models = join(ROOT, "target/benchmarks/models");
  const folder = join(models, MODEL.folder);
  if (!existsSync(join(folder, MODEL.weights))) cpSync(float32MiniLm(), folder, { recursive: true });
  return rememberingQueries(
    await openPatina(patinaSpec(MODEL, models, await digestsOf(MODEL, models)), models),
  );
}
