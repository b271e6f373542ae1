/**
 * The best passages of a query without scoring all that match, after MaxScore of Turtle and Flood, “Query evaluation:
 * strategies and optimizations” (Information Processing & Management 31, 1995): a passage that has none of the rarer words
 * scores no more than the others can give it, and is passed over once so many passages are known to score higher.
 */

/** BM25's k1 as FTS5 has it: a word gives a passage less than its weight times k1 + 1. */
const K1 = 1.2;

/** Passages that the first words should have for each that is asked for: one look is enough for most queries then. */
const FIRST_LOOK = 4;

/**
 * The most that the words from each place on can give a passage, and 0 after the last.
 *
 * @param passages how many passages have each word; fewer than there are make a bound higher, never wrong
 * @param all passages of the index
 */
export function boundsOf(passages: readonly number[], all: number): number[] {
  const bounds = [0];
  for (const found of passages.toReversed()) {
    // FTS5 weighs a word that most passages have by next to nothing, and never by less.
    const weight = Math.max(1e-6, Math.log((all - found + 0.5) / (found + 0.5)));
    bounds.unshift((bounds[0] ?? 0) + weight * (K1 + 1));
  }
  return bounds;
}

/** How many of the words to begin with: those that together have some more passages than are asked for. */
export function enoughWords(passages: readonly number[], limit: number): number {
  let sum = 0;
  const last = passages.findIndex((found) => {
    sum += found;
    return sum >= limit * FIRST_LOOK;
  });
  return last < 0 ? passages.length : last + 1;
}

/**
 * An expression for FTS5 that matches what has one of the first `count` words and scores by all of them. BM25 adds up every
 * place where the expression names a word; here each is named twice, so that scores are `times` what they should be.
 */
export function rarestFirst(
  words: readonly string[],
  count: number,
): { readonly expression: string; readonly times: number } {
  const first = words.slice(0, count);
  const others = words.slice(count);
  const all = [...first, ...others, ...others];
  return { expression: `(${first.join(" OR ")}) AND (${all.join(" OR ")})`, times: 2 };
}
