/** The figures of a comparison as people read them. */
import type { Spread } from "@patina/evaluation";
import { count } from "../terminal/numbers.ts";

/** `5,210 (5,100–5,300)`: the median and the ends of the rounds; a single round has none. */
export function range({ median, least, most }: Spread, text: (value: number) => string): string {
  const [middle, from, to] = [text(median), text(least), text(most)];
  return from === to ? middle : `${middle} (${from}–${to})`;
}

/** Things a second, without the unit. */
export function rate(value: number): string {
  return value >= 100 ? count(value) : value.toFixed(1);
}

/** Milliseconds, without the unit: three digits that say something. */
export function milliseconds(value: number): string {
  return value >= 100 ? count(value) : value.toFixed(value >= 10 ? 1 : 2);
}

/** Seconds, without the unit. */
export function seconds(value: number): string {
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Six digits of a cosine, never rounded up: 1.000000 is nothing else. */
export function cosineText(value: number): string {
  return (Math.floor(value * 1e6) / 1e6).toFixed(6);
}

/** How many times as fast: two digits where one would say 1.0. */
export function times(ratio: number): string {
  return ratio.toFixed(ratio < 2 ? 2 : 1);
}
