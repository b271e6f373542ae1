/** Numbers over rounds. */

import { quantile, type Spread, spread } from "@patina/evaluation";

export { quantile, type Spread, spread };

/** A ratio of medians and how sure it is. */
export interface Ratio {
  readonly value: number;
  readonly from: number;
  readonly to: number;
  /** `bootstrap`: 95 % over resampled rounds; `rounds`: the ends of the ratios round by round, where rounds are few. */
  readonly interval: "bootstrap" | "rounds";
}

const RESAMPLES = 2000;
/** With fewer rounds a bootstrap has too few different samples to say anything. */
const BOOTSTRAP_ROUNDS = 5;

/** The ratio of two medians over interleaved rounds: round i of both ran within a minute or two of each other. */
export function ratio(over: readonly number[], under: readonly number[]): Ratio {
  if (over.length !== under.length) throw new Error(`${over.length} rounds against ${under.length}`);
  const value = quantile(over, 0.5) / quantile(under, 0.5);
  if (over.length < BOOTSTRAP_ROUNDS) {
    const { least, most } = spread(over.map((number, round) => number / (under[round] as number)));
    return { value, from: least, to: most, interval: "rounds" };
  }
  const random = generator(over.length);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const rounds = over.map(() => Math.floor(random() * over.length));
    const median = (values: readonly number[]) =>
      quantile(
        rounds.map((round) => values[round] as number),
        0.5,
      );
    return median(over) / median(under);
  });
  return { value, from: quantile(ratios, 0.025), to: quantile(ratios, 0.975), interval: "bootstrap" };
}

/** Uniform numbers from 0 to 1, the same for the same seed (mulberry32): a page made twice of one file is one page. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The smallest cosine between the same row on both sides, over `rows`. */
export function leastCosine(
  left: Float32Array,
  right: Float32Array,
  dimension: number,
  rows: readonly number[],
): number {
  if (left.length !== right.length) throw new Error(`${left.length} numbers against ${right.length}`);
  const cosines = rows.map((row) => {
    let dot = 0;
    let leftSquare = 0;
    let rightSquare = 0;
    for (let i = row * dimension; i < (row + 1) * dimension; i++) {
      const a = left[i] as number;
      const b = right[i] as number;
      dot += a * b;
      leftSquare += a * a;
      rightSquare += b * b;
    }
    return dot / Math.sqrt(leftSquare * rightSquare);
  });
  // NaN wins over every number here.
  return Math.min(...cosines);
}

/** A share from 0 to 1 as whole per cent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A ratio with its interval; a single round has none. */
export function printed({ value, from, to }: Ratio): string {
  if (from === to) return `${value.toFixed(2)}×`;
  return `${value.toFixed(2)}× (${from.toFixed(2)} to ${to.toFixed(2)})`;
}
