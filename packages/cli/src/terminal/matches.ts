import { QueryTerms } from "@patina/native";
import type { Style } from "./style.ts";

/** Finds the words of a query in text as full-text search does: whole, in identifiers, and in other forms. */
export class Matches {
  readonly #terms: QueryTerms;

  constructor(words: readonly string[]) {
    this.#terms = new QueryTerms(words);
  }

  /** The distinct words of the query that a line has, by their number; an identifier's parts beside the whole of it. */
  found(line: string): Set<number> {
    return new Set(this.#terms.find(line).map(({ word }) => word));
  }

  /** The line with the words made to stand out: a word as a whole, or the parts of it that match. */
  highlight(line: string, style: Style): string {
    if (!style.isColorSupported) return line;
    const pieces: string[] = [];
    let at = 0;
    for (const { start, end } of this.#terms.find(line)) {
      // A part of what stands out as a whole.
      if (start < at) continue;
      pieces.push(line.slice(at, start), style.bold(style.yellow(line.slice(start, end))));
      at = end;
    }
    return pieces.join("") + line.slice(at);
  }
}
