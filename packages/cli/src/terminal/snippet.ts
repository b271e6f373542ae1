import { fit } from "./layout.ts";
import type { Matches } from "./matches.ts";
import { visible } from "./visible.ts";

/** Columns of a snippet's line at most, also where there is no terminal: a minified line says nothing more. */
const MAX_COLUMNS = 200;
/** Characters of a text that are looked at; passages are far shorter. */
const MAX_TEXT = 100_000;

/**
 * The lines of a text that say most about a query: the window of `lines` lines with the most of its words, the
 * first one where there is none. Safe for a terminal, without colours, at most `width` columns wide, without empty lines
 * and common indent.
 */
export function snippet(text: string, matches: Matches, lines: number, width: number): string[] {
  const all = visible(text.slice(0, MAX_TEXT))
    .split("\n")
    .map((line) => line.replaceAll("\t", "  ").trimEnd())
    .filter((line) => line !== "");
  const found = all.map((line) => matches.found(line));
  let best = 0;
  let bestCount = 0;
  for (const start of all.keys()) {
    const window = new Set(found.slice(start, start + lines).flatMap((words) => [...words]));
    if (window.size > bestCount) [best, bestCount] = [start, window.size];
  }
  const chosen = all.slice(best, best + lines);
  const indent = Math.min(...chosen.map((line) => line.length - line.trimStart().length));
  return chosen.map((line) => fit(line.slice(indent), Math.min(width, MAX_COLUMNS)));
}
