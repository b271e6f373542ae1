/**
 * Words for full-text search. Text and queries go through the same functions, so that what one side splits the
 * other side finds.
 */

/**
 * A run of letters, digits and `_`: what the tokenizer of {@link TOKENIZER} takes as one word. A mark belongs to the letter
 * before it; one without, such as the variation selector after a sign, is in no word.
 */
const WORD = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*/gu;

/**
 * A word with an inner border: camelCase, an acronym before a word, or snake_case. Without its `\b` it would try
 * every letter of a long word as the beginning: minutes for a line of base64.
 */
const COMPOUND = /\b[A-Za-z0-9]*(?:[a-z0-9][A-Z]|[A-Z]{2}[a-z]|_)[A-Za-z0-9_]*/g;

/** A part of a compound: an acronym, a word, or a number; digits stay with the letters before them (`utf8`). */
const PART = /[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+/g;

/**
 * FTS5's tokenizer. `_` belongs to a word, so that `unify_types` as a whole stays findable beside its parts.
 * Stemming gains more on prose than it costs on shell commands: nDCG@10 of full-text alone on CoSQA, NL2Bash and
 * MTRAG is 0.386, 0.472, 0.738 with it and 0.364, 0.492, 0.717 without.
 */
export const TOKENIZER = "porter unicode61 remove_diacritics 2 tokenchars '_'";

/**
 * To be raised when {@link TOKENIZER} or {@link indexedText} give other words for the same text: an index of another version
 * is built whole, since its rows could not be taken out of it.
 */
export const WORDS_VERSION = 1;

/** The parts of every compound identifier in `text`, in its order; one-letter parts carry nothing and are left out. */
export function identifierParts(text: string): string[] {
  const parts: string[] = [];
  for (const compound of text.match(COMPOUND) ?? []) {
    const found = compound.match(PART);
    if (found === null || (found.length === 1 && found[0] === compound)) continue;
    for (const part of found) if (part.length > 1) parts.push(part);
  }
  return parts;
}

/** What is given to the full-text index for `text`: the text itself and the parts of its identifiers after it. */
export function indexedText(text: string): string {
  const parts = identifierParts(text);
  return parts.length === 0 ? text : `${text}\n${parts.join(" ")}`;
}

/** The distinct words of a query in lower case: every word and the parts of every identifier. */
export function queryWords(query: string): string[] {
  const words = new Set<string>();
  for (const word of query.match(WORD) ?? []) {
    words.add(word.toLowerCase());
    for (const part of identifierParts(word)) words.add(part.toLowerCase());
  }
  return [...words];
}
