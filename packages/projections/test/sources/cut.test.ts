import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { codeBoundary, proseBoundary } from "../../src/sources/boundaries.ts";
import { cutLines, passageBudget } from "../../src/sources/cut.ts";
import { filePassages } from "../../src/sources/file-passages.ts";
import type { Passage } from "../../src/sources/index.ts";

const word = fc.constantFrom(
  "a",
  "const x = 1;",
  "}",
  "  return;",
  "# Top",
  "## Two",
  "```",
  "---",
  "===",
  "- b",
  "é😀",
);
const line = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 3, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.string({ maxLength: 60, unit: "grapheme" }).map((text) => text.replaceAll("\n", " ")),
  },
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 100, maxLength: 700 }).map((text) => text.replaceAll("\n", " ")),
  },
);
const file = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 120 }),
  path: fc.constantFrom("src/a.ts", "README.md", "notes.txt", "docs/b.md"),
  kind: fc.constantFrom("code" as const, "note" as const),
  budget: fc.constantFrom(100, 150, 400, 1000),
});

/** A passage's text without the lines of path and headings that were put before it. */
function bodyOf(passage: Passage, lines: readonly string[]): string {
  const first = lines
    .slice((passage.startLine ?? 0) - 1, passage.endLine ?? 0)
    .find((text) => text.trim() !== "");
  expect(first).toBeDefined();
  return passage.text.slice(passage.text.indexOf("\n") + 1);
}

describe("every file", () => {
  test("has each of its lines in its passages once, in order; only a line that is too long is in several", () => {
    fc.assert(
      fc.property(file, ({ lines, path, kind, budget }) => {
        const passages = filePassages(
          { kind, path, shownPath: path, text: lines.join("\n") },
          budget,
          "path",
        );
        if (lines.every((text) => text.trim() === "")) return expect(passages).toEqual([]);
        let covered = 0;
        for (const { startLine, endLine } of passages) {
          const [from, to] = [startLine ?? 0, endLine ?? 0];
          const again = from === covered && (lines[from - 1]?.length ?? 0) > budget;
          if (!again) expect(from).toBe(covered + 1);
          expect(to).toBeGreaterThanOrEqual(from);
          covered = to;
        }
        const trimmed = lines.length - (lines.at(-1) === "" ? 1 : 0);
        expect(covered).toBe(trimmed);
      }),
      { numRuns: 600 },
    );
  });

  test("gives the text of those lines, whole, within the budget, under ids that are its own", () => {
    fc.assert(
      fc.property(file, ({ lines, budget }) => {
        const source = { kind: "code" as const, path: "a.ts", shownPath: "a.ts", text: lines.join("\n") };
        const passages = filePassages(source, budget, "path");
        expect(filePassages(source, budget, "path")).toEqual(passages);
        expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
        const letters = (text: string) => text.replace(/\s/g, "");
        expect(letters(passages.map((passage) => bodyOf(passage, lines)).join(""))).toBe(
          letters(source.text),
        );
        for (const passage of passages) {
          const body = bodyOf(passage, lines);
          expect(body.length).toBeLessThanOrEqual(budget);
          expect(body.isWellFormed()).toBe(source.text.isWellFormed());
          const span = lines.slice((passage.startLine ?? 0) - 1, passage.endLine ?? 0).join("\n");
          expect(span).toContain(body);
        }
      }),
      { numRuns: 600 },
    );
  });
});

test("the budget follows the model's limit, within bounds", () => {
  expect([8, 256, 512, 8192].map(passageBudget)).toEqual([100, 665, 1000, 1000]);
});

describe("where it is cut", () => {
  const text = [
    "import a from 'a';",
    "",
    "/** Adds. */",
    "export function add(x, y) {",
    "  const sum = x + y;",
    "",
    "  return sum;",
    "}",
    "",
    "// Takes away.",
    "export function subtract(x, y) {",
    "  return x - y;",
    "}",
  ];

  test("code: between definitions, a comment staying with what it speaks of", () => {
    const pieces = cutLines(text, 120, codeBoundary);
    expect(pieces.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [1, 9],
      [10, 13],
    ]);
    expect(pieces[1]?.text.startsWith("// Takes away.")).toBe(true);
    expect(pieces[0]?.text.endsWith("}")).toBe(true);
  });

  test("prose: a heading goes with the paragraph under it", () => {
    const prose = ["Before.", "", "### A heading", "", "w ".repeat(60), "", "w ".repeat(60)];
    const pieces = cutLines(prose, 140, proseBoundary);
    expect(pieces.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [1, 2],
      [3, 6],
      [7, 7],
    ]);
  });

  test("what fits is one piece", () => {
    expect(cutLines(text, 1000, codeBoundary)).toHaveLength(1);
  });

  test("a long line: even parts, at spaces, no half characters", () => {
    const words = cutLines(["word ".repeat(100)], 120, codeBoundary);
    expect(words).toHaveLength(5);
    for (const { text: part, startLine, endLine } of words) {
      expect(part.endsWith(" ")).toBe(true);
      expect([startLine, endLine]).toEqual([1, 1]);
    }
    for (const { text: part } of cutLines(["😀".repeat(333)], 101, codeBoundary))
      expect(part.isWellFormed()).toBe(true);
  });

  test("a million lines of one letter take no time", () => {
    // Time that grows with the square of a million does not end within a test's limit.
    expect(cutLines(new Array<string>(1_000_000).fill("x"), 1000, codeBoundary)).toHaveLength(2_000);
  });
});
