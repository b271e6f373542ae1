import { fit } from "./layout.ts";
import type { Matches } from "./matches.ts";
import { visible } from "./visible.ts";

/** Columns of a snippet's line at most, also where there is no terminal: a minified line says nothing more. */
const MAX_COLUMNS = 200;
/** Characters of a text that are looked at; passages are far shorter. */
const MAX_TEXT = 100_000;

/**
 * The lines of a text that say most about a query: the window of `lines` lines with the most of its words, of several the one
 * with most lines that have some, then one that begins with such a line; the first window where there is none. Safe for a
 * terminal, without colours, at most `width` columns wide, without empty lines and common indent.
 */
export function snippet(text: string, matches: Matches, lines: number, width: number): string[] {
  const all = visible(text.slice(0, MAX_TEXT))
    .split("\n")
    .map((line) => line.replaceAll("\t", "  ").trimEnd())
    .filter((line) => line !== "");
  const found = all.map((line) => matches.found(line));
  let best = 0;
  let bestWorth: readonly number[] = [0];
  for (const start of all.keys()) {
    const window = found.slice(start, start + lines).filter((words) => words.size > 0);
    const words = new Set(window.flatMap((words) => [...words]));
    const worth = [words.size, window.length, window[0] === found[start] ? 1 : 0];
    if (isMore(worth, bestWorth)) [best, bestWorth] = [start, worth];
  }
  const chosen = all.slice(best, best + lines);
  const indent = Math.min(...chosen.map((line) => line.length - line.trimStart().length));
  return chosen.map((line) => fit(line.slice(indent), Math.min(width, MAX_COLUMNS)));
}

/** Whether the first number that differs is larger in `left`. */
function isMore(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((number, index) => number !== right[index]);
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0);
}
