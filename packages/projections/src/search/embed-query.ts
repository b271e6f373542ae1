import { PatinaError } from "@patina/core";
import { normalize } from "@patina/native";
import type { Manifest } from "../generation/manifest.ts";
import { assertCompatible } from "./compatible.ts";
import type { SearchOptions } from "./options.ts";

/** The vector of a query by the engine that made the index, cut and of unit length as the stored ones are. */
export async function embedQuery(
  query: string,
  manifest: Manifest,
  { engine, passageTemplate, signal, embedAs = "query" }: SearchOptions,
): Promise<Float32Array> {
  if (engine === undefined) {
    throw new PatinaError(
      "INVALID_INPUT",
      "a search by vectors needs the engine that made the index: give `engine`, or the list `vectors` the weight 0",
    );
  }
  assertCompatible(manifest, { engine, passageTemplate });
  const { dimension, fullDimension } = manifest;
  const { vector } = await engine.embed(query, {
    kind: embedAs,
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
  return unit;
}
