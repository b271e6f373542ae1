/** Numbers over rounds. */

/** The middle of the values, and their ends. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Median and ends; an even count takes the mean of the two in the middle. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] as number;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, least: at(0), most: at(sorted.length - 1) };
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
