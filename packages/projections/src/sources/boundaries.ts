import type { BoundaryScore } from "./cut.ts";

const CLOSING =
  /^\s*(?:[)\]}>]|end\b|fi\b|done\b|esac\b|<\/|else\b|elif\b|catch\b|finally\b|except\b|rescue\b)/;
const LEADING = /^\s*(?:\/\/|\/\*|\*|#(?!include|define)|--|@|"""|'''|<!--|;;)/;
const HEADING = /^ {0,3}#{1,6}\s/;
const LIST_ITEM = /^\s*(?:[-*+]|\d+[.)])\s/;

/** How many columns a line is indented; a tab counts for four. */
function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns++;
    else if (character === "\t") columns += 4;
    else break;
  }
  return columns;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

/**
 * Source code of any language: best before a definition at the margin, worse the deeper in, and never between
 * a comment or decorator and what it speaks of, or before what closes a block.
 */
export const codeBoundary: BoundaryScore = (lines, index) => {
  const line = lines[index] ?? "";
  const before = lines[index - 1];
  if (isBlank(line) || CLOSING.test(line)) return 0;
  if (!isBlank(before) && LEADING.test(before ?? "")) return 0;
  const depth = Math.min(indentOf(line), 16) / 16;
  if (isBlank(before)) return 1 - 0.6 * depth;
  const steppedOut = indentOf(line) < indentOf(before ?? "") || CLOSING.test(before ?? "");
  return (steppedOut ? 0.5 : 0.25) * (1 - 0.6 * depth);
};

/** Markdown and other prose: before a heading, then between paragraphs, then between list items. */
export const proseBoundary: BoundaryScore = (lines, index) => {
  const line = lines[index] ?? "";
  const before = lines[index - 1];
  if (isBlank(line)) return 0;
  if (HEADING.test(line)) return 1;
  if (HEADING.test(before ?? "") || (isBlank(before) && HEADING.test(lines[index - 2] ?? ""))) return 0;
  if (isBlank(before)) return indentOf(line) === 0 ? 0.7 : 0.5;
  return LIST_ITEM.test(line) ? 0.4 : 0.1;
};
