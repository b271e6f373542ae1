import { PatinaError } from "@patina/core";
import { normalize } from "@patina/native";
import type { Manifest } from "../generation/manifest.ts";
import { assertCompatible } from "./compatible.ts";
import type { SearchOptions } from "./options.ts";

/** A query's vector. */
export interface EmbeddedQuery {
  /** Of unit length. */
  readonly vector: Float32Array;
  /** Whether the text was longer than the model takes. */
  readonly truncated: boolean;
}

/**
 * The vector of a text by the engine that made the index, cut and of unit length as the stored ones are.
 *
 * @param kind what the text is to the model: a question, or a text like those that are indexed
 */
export async function embedQuery(
  text: string,
  kind: "query" | "passage",
  manifest: Manifest,
  { engine, passageTemplate, signal }: SearchOptions,
): Promise<EmbeddedQuery> {
  if (engine === undefined) {
    throw new PatinaError(
      "INVALID_INPUT",
      "a search by vectors needs the engine that made the index: give `engine`, or the list `vectors` the weight 0",
    );
  }
  assertCompatible(manifest, { engine, passageTemplate });
  const { dimension, fullDimension } = manifest;
  const { vector, truncated } = await engine.embed(text, {
    kind,
    ...(dimension === fullDimension ? {} : { dimension }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (vector.length !== dimension) {
    const what = `the engine gave ${vector.length} numbers for a query, ${dimension} were asked`;
    throw new PatinaError("INTERNAL", what);
  }
  // Whatever length a model gives: the scores are cosines.
  const unit = vector.slice();
  normalize(unit);
  return { vector: unit, truncated };
}
