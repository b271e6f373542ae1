import { fit } from "./layout.ts";
import type { Style } from "./style.ts";
import { visible } from "./visible.ts";

/** Columns of a snippet's line at most, also where there is no terminal: a minified line says nothing more. */
const MAX_COLUMNS = 200;
/** Characters of a text that are looked at; passages are far shorter. */
const MAX_TEXT = 100_000;

/** The words of a query that its results may show; short ones ("how", "is") only where it has no other. */
export function queryWords(query: string): string[] {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [])];
  const telling = words.filter((word) => word.length > 3);
  return telling.length > 0 ? telling : words;
}

/**
 * The lines of a text that say most about a query: the window of `lines` lines with the most of its words, the
 * first one where there is none. Safe for a terminal, without colours, at most `width` columns wide.
 */
export function snippet(text: string, words: readonly string[], lines: number, width: number): string[] {
  const all = visible(text.slice(0, MAX_TEXT))
    .split("\n")
    .map((line) => line.replaceAll("\t", "  ").trimEnd())
    .filter((line) => line !== "");
  let best = 0;
  let bestCount = 0;
  for (let start = 0; start + 1 <= all.length; start++) {
    const window = all
      .slice(start, start + lines)
      .join("\n")
      .toLowerCase();
    const found = words.filter((word) => window.includes(word)).length;
    if (found > bestCount) [best, bestCount] = [start, found];
  }
  const chosen = all.slice(best, best + lines);
  const indent = Math.min(...chosen.map((line) => line.length - line.trimStart().length));
  return chosen.map((line) => fit(line.slice(indent), Math.min(width, MAX_COLUMNS)));
}

/** A line with the words of the query made to stand out. */
export function highlight(line: string, words: readonly string[], style: Style): string {
  if (words.length === 0 || !style.isColorSupported) return line;
  // Longer words first, so that "cache" does not cut "caches" in two.
  const longestFirst = words.toSorted((a, b) => b.length - a.length);
  return line.replace(new RegExp(longestFirst.join("|"), "giu"), (word) => style.bold(style.yellow(word)));
}
