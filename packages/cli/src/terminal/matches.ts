import { stemmer } from "stemmer";
import type { Style } from "./style.ts";

/** A word as full-text search takes it. */
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;

/** A part of an identifier, as full-text search splits it. */
const PART = /\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[\p{Ll}\p{M}]+\p{N}*|[\p{L}\p{M}]+|\p{N}+/gu;

/** Finds the words of a query in text: whole, in identifiers, and in other forms of the same stem. */
export class Matches {
  readonly #stems: ReadonlySet<string>;

  constructor(words: readonly string[]) {
    this.#stems = new Set(words.map(stemOf));
  }

  /** The distinct words of the query that a line has, by their stems. */
  found(line: string): Set<string> {
    const found = new Set<string>();
    for (const [word] of line.matchAll(WORD)) {
      for (const each of [word, ...(word.match(PART) ?? [])]) {
        const stem = stemOf(each);
        if (this.#stems.has(stem)) found.add(stem);
      }
    }
    return found;
  }

  /** The line with the words made to stand out: a word as a whole, or the parts of it that match. */
  highlight(line: string, style: Style): string {
    if (this.#stems.size === 0 || !style.isColorSupported) return line;
    const marked = (text: string): string => style.bold(style.yellow(text));
    return line.replace(WORD, (word) =>
      this.#has(word) ? marked(word) : word.replace(PART, (part) => (this.#has(part) ? marked(part) : part)),
    );
  }

  #has(word: string): boolean {
    return this.#stems.has(stemOf(word));
  }
}

/** Porter's stem, as full-text search compares words by; it has no diacritics either. */
function stemOf(word: string): string {
  return stemmer(word.toLowerCase().normalize("NFD").replace(/\p{M}/gu, ""));
}
