/** Equal work: the same tokens for everyone, and the same vectors. A comparison without it is none. */
import { readFileSync } from "node:fs";
import type { Pass } from "./contender.ts";
import type { Contender, ContenderId } from "./contenders.ts";
import { vectorsFile } from "./contest.ts";
import type { Model } from "./models.ts";
import type { Places } from "./prepare.ts";
import { leastCosine } from "./statistics.ts";

/**
 * Smallest cosines to the first contender's vectors. On texts that are cut they differ: transformers.js 4.3.1 cuts the
 * end token off too, where the reference (and Patina) keeps it. The work is the same.
 */
export type Agreement = Readonly<Partial<Record<ContenderId, Cosines>>>;

export interface Cosines {
  /** Over texts that fit the model. */
  readonly whole: number;
  /** Over texts that fill the model's limit; `null` where there are none. */
  readonly cut: number | null;
}

/** Tokens of each text. Everyone who counts has to have counted the same: else texts were cut in different places. */
export function agreedTokens(passes: ReadonlyMap<Contender, readonly Pass[]>): readonly number[] {
  let first: { readonly id: ContenderId; readonly tokens: readonly number[] } | undefined;
  for (const [{ id }, measured] of passes) {
    for (const { tokens } of measured) {
      if (tokens === null) continue;
      first ??= { id, tokens };
      const counted = first.tokens;
      const text = tokens.findIndex((count, index) => count !== counted[index]);
      if (text !== -1)
        throw new Error(
          `text ${text} has ${counted[text]} tokens for ${first.id}, ${tokens[text]} for ${id}`,
        );
    }
  }
  if (first === undefined) throw new Error("no contender counted its tokens");
  return first.tokens;
}

/**
 * Compares the vectors that the last pass of each contender left.
 *
 * @throws when a contender whose vectors should be the model's has others.
 */
export function agreement(
  places: Places,
  model: Model,
  contenders: readonly Contender[],
  tokens: readonly number[],
): Agreement {
  const [first] = contenders;
  if (first === undefined) throw new Error("there is nobody to compare");
  const rows = (cut: boolean) =>
    tokens.flatMap((count, row) => (count >= model.maxTokens === cut ? [row] : []));
  const reference = readVectors(places, first);
  return Object.fromEntries(
    contenders.map((contender) => {
      const vectors = readVectors(places, contender);
      const least = (rows: readonly number[]) => leastCosine(reference, vectors, model.dimension, rows);
      const whole = least(rows(false));
      // Not `<`: NaN has to fail as well.
      if (contender.foreignVectors === undefined && !(whole >= model.leastAgreement)) {
        throw new Error(`${contender.id} and ${first.id} disagree on a text of ${model.id}: cosine ${whole}`);
      }
      const cut = rows(true);
      return [contender.id, { whole, cut: cut.length === 0 ? null : least(cut) }];
    }),
  );
}

function readVectors(places: Places, contender: Contender): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(vectorsFile(places, contender));
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
