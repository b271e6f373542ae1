/** One place of a ranked list: a row of `passages` (from 1) and what the list thinks of it; higher is better. */
export interface Hit {
  readonly row: number;
  readonly score: number;
}
