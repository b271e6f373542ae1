import { type EmbeddingEngine, PatinaError } from "@patina/core";
import type { Manifest } from "../generation/manifest.ts";

/** What of an engine an index must agree with. */
export interface EngineFacts {
  readonly engine: Pick<EmbeddingEngine, "encoderId" | "dimension" | "modelName" | "runtime">;
  /** The template the engine puts around a passage; not compared when absent. */
  readonly passageTemplate?: string | null | undefined;
}

/**
 * Throws `INDEX_INCOMPATIBLE` unless the engine is the one that made the index: the same encoder, full dimension
 * and passage template. Stored vectors are of unit length whatever the model does, so there is no normalisation to
 * differ. A wrong model would give plausible nonsense, so nothing is searched.
 */
export function assertCompatible(manifest: Manifest, { engine, passageTemplate }: EngineFacts): void {
  const { model } = manifest;
  const differ = (what: string, expected: string, found: string): never => {
    throw new PatinaError(
      "INDEX_INCOMPATIBLE",
      `the index was made with ${model.name} (${model.key}, ${model.variant}, ${model.runtime}) and the engine is ` +
        `${engine.modelName} (${engine.runtime}): ${what} is ${found} where the index has ${expected}. ` +
        `Search with \`${model.key}\`, variant ${model.variant}, on ${model.runtime}; or run \`patina oxidize\` ` +
        "with the new model, the old index serves until that is done",
      { key: model.key, expected, found },
    );
  };
  if (engine.encoderId !== manifest.encoderId) differ("the encoder", manifest.encoderId, engine.encoderId);
  if (engine.dimension !== manifest.fullDimension) {
    differ("the dimension", String(manifest.fullDimension), String(engine.dimension));
  }
  if (passageTemplate !== undefined && passageTemplate !== manifest.passageTemplate) {
    differ("the passage template", JSON.stringify(manifest.passageTemplate), JSON.stringify(passageTemplate));
  }
}
