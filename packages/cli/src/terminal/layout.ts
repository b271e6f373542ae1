import type { Style } from "./style.ts";
import { visibleLine } from "./visible.ts";

/** Cuts one line to `width` columns, the last of them `…` when something was cut. The line holds no colours. */
export function fit(line: string, width: number): string {
  if (Bun.stringWidth(line) <= width) return line;
  return `${within(segmentsOf(line), width - 1).join("")}…`;
}

/** As {@link fit}, but keeps the end: of a path and its lines that is what one looks for. */
export function fitEnd(line: string, width: number): string {
  if (Bun.stringWidth(line) <= width) return line;
  return `…${within(segmentsOf(line).reverse(), width - 1)
    .reverse()
    .join("")}`;
}

function segmentsOf(line: string): string[] {
  return Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
}

/** The first segments that together take at most `width` columns. */
function within(segments: readonly string[], width: number): string[] {
  let used = 0;
  const end = segments.findIndex((segment) => {
    used += Bun.stringWidth(segment);
    return used > width;
  });
  return segments.slice(0, end === -1 ? undefined : end);
}

/** Pads with blanks to `width` columns, as a terminal counts them. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

/** A text in lines of at most `width` columns, broken at blanks; a word that is longer has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Bun.stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Values beside their names, a value's further lines below its first. Safe for a terminal. */
export function labelled(
  rows: readonly (readonly [name: string, value: string])[],
  width: number,
  style: Style,
): string[] {
  const column = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, value]) =>
    wrap(visibleLine(value), width - column - 2).map(
      (line, index) => `  ${style.dim((index === 0 ? name : "").padEnd(column))}${line}`,
    ),
  );
}

/** A column of a {@link table}. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows under their titles, two blanks between columns, the last column not padded. Cells hold no colours. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => Bun.stringWidth(row[index] ?? ""))));
  return all.map((row) =>
    columns
      .map((column, index) => pad(row[index] ?? "", widths[index] ?? 0, column.align))
      .join("  ")
      .trimEnd(),
  );
}
