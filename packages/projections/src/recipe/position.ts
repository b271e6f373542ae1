import { type Document, isAlias, isMap, isSeq, type LineCounter, type Node, type Pair } from "yaml";

/** A place in the recipe's text. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

/** Where an offset of the text is. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/**
 * The offset of what `path` names: of the key itself with `"key"`, of its value with `"value"`. Where the
 * document ends before the path does (a key that is missing), the nearest thing around it.
 */
export function offsetOf(document: Document, path: readonly PropertyKey[], part: "key" | "value"): number {
  let node = document.contents as Node | null;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = pairOf(node.items, step);
      if (pair === undefined) return offset;
      const key = startOf(pair.key as Node | null) ?? offset;
      node = pair.value as Node | null;
      offset = last && part === "key" ? key : (startOf(node) ?? key);
    } else if (isSeq(node)) {
      node = (node.items[Number(step)] as Node | undefined) ?? null;
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

/** The pair whose key reads as `step`: YAML's keys may be numbers or null, a program's are their texts. */
export function pairOf(items: readonly Pair[], step: PropertyKey): Pair | undefined {
  return items.find((pair) => String((pair.key as { value?: unknown } | null)?.value ?? "") === String(step));
}

/** The lines around a position, numbered, with a mark under the column; control characters are shown as `?`. */
export function codeFrame(text: string, { line, column }: Position): string {
  const rows = text.split("\n");
  const first = Math.max(1, line - 1);
  const width = String(line).length;
  const frame: string[] = [];
  for (let number = first; number <= line; number++) {
    const row = (rows[number - 1] ?? "").replace(/\p{Cc}/gu, (character) => (character === "\t" ? " " : "?"));
    // A recipe may be one very long line; the frame shows what is around the mark.
    const from = number === line ? Math.max(0, column - 61) : 0;
    frame.push(`${String(number).padStart(width)} | ${row.slice(from, from + 120)}`);
    if (number === line) frame.push(`${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1 - from))}^`);
  }
  return frame.join("\n");
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}
