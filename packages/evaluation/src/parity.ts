import { setImmediate } from "node:timers/promises";
import { throwIfAborted } from "@patina/core";
import { cosine, normalize, topK } from "@patina/engine";

/**
 * The cosine from which the vectors of two runtimes may stand in for each other, for every text of the probe set. It is
 * the distance that an automatic choice of a variant may lose as well.
 */
export const INTERCHANGEABLE_COSINE = 0.999;

/** Neighbours that are compared. */
const NEIGHBOURS = 10;

/** Texts between two looks at the signal: a search over some thousand rows takes a millisecond or two. */
const TURN = 64;

/** Vectors of the same texts, in the same order: row-major `[texts × dimension]`. */
export interface VectorSet {
  readonly data: Float32Array;
  readonly dimension: number;
}

/** The text whose two vectors are furthest apart. */
export interface LowestCosine {
  /** Which text, from 0. */
  readonly index: number;
  readonly cosine: number;
}

/** How often both agree on what is nearest to a text. */
export interface NeighbourOverlap {
  /** Neighbours looked at: 10, or all other texts where there are fewer. */
  readonly of: number;
  /** Share of neighbours in common, from 0 to 1, over all texts. */
  readonly mean: number;
  /** The least share of any text. */
  readonly least: number;
}

/** How near two sets of vectors of the same texts are. */
export interface Parity {
  readonly texts: number;
  readonly lowest: LowestCosine;
  readonly mean: number;
  /** Each text as a query against all others, under both sets. */
  readonly neighbours: NeighbourOverlap;
  /** {@link INTERCHANGEABLE_COSINE} */
  readonly threshold: number;
  /** Whether the lowest cosine reaches it. */
  readonly interchangeable: boolean;
}

/**
 * Cosines of the same text on both sides, and the overlap of their nearest neighbours by cosine; equal scores are in the
 * order of the texts. Both sets are brought to unit length in place.
 *
 * @throws PatinaError `ABORTED`.
 */
export async function parityOf(left: VectorSet, right: VectorSet, signal?: AbortSignal): Promise<Parity> {
  const { dimension } = left;
  const texts = left.data.length / dimension;
  if (right.dimension !== dimension || right.data.length !== left.data.length || texts < 2) {
    throw new Error(
      `${texts} × ${dimension} numbers against ${right.data.length} in rows of ${right.dimension}`,
    );
  }
  const cosines = Array.from({ length: texts }, (_, text) =>
    // Rounding of float32 may lift equal vectors a little above 1.
    Math.min(1, cosine(rowOf(left, text), rowOf(right, text))),
  );
  const least = Math.min(...cosines);
  for (const set of [left, right]) {
    for (let text = 0; text < texts; text++) normalize(rowOf(set, text));
  }
  return {
    texts,
    lowest: { index: cosines.indexOf(least), cosine: least },
    mean: mean(cosines),
    neighbours: await overlapOf(left, right, texts, signal),
    threshold: INTERCHANGEABLE_COSINE,
    interchangeable: least >= INTERCHANGEABLE_COSINE,
  };
}

async function overlapOf(
  left: VectorSet,
  right: VectorSet,
  texts: number,
  signal: AbortSignal | undefined,
): Promise<NeighbourOverlap> {
  const of = Math.min(NEIGHBOURS, texts - 1);
  const others = new Uint8Array(texts).fill(1);
  const shares: number[] = [];
  for (let text = 0; text < texts; text++) {
    if (text % TURN === 0) {
      await setImmediate();
      throwIfAborted(signal);
    }
    others[text] = 0;
    const [near, alsoNear] = [left, right].map(
      (set) => topK(set.data, texts, set.dimension, rowOf(set, text), of, others).rows,
    ) as [Uint32Array, Uint32Array];
    others[text] = 1;
    shares.push(near.filter((row) => alsoNear.includes(row)).length / of);
  }
  return { of, mean: mean(shares), least: Math.min(...shares) };
}

function rowOf({ data, dimension }: VectorSet, row: number): Float32Array {
  return data.subarray(row * dimension, (row + 1) * dimension);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
