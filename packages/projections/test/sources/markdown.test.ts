import { describe, expect, test } from "bun:test";
import { sectionsOf } from "../../src/sources/markdown.ts";

const lines = (text: string) => text.split("\n");

function outline(text: string) {
  return sectionsOf(lines(text)).map(({ headings, startLine, lines: own }) => [
    startLine,
    own.length,
    ...headings,
  ]);
}

describe("sections", () => {
  test("second-level headings, under their title; deeper ones stay within", () => {
    expect(outline("# T\nintro\n## A\na\n### deep\nb\n## B ##\nc")).toEqual([
      [1, 2, "T"],
      [3, 4, "T", "A"],
      [7, 2, "T", "B"],
    ]);
  });

  test("a title with nothing under it opens the section after it", () => {
    expect(outline("---\ndate: 2024-01-02\n---\n\n# T\n\n## A\na\n## B\nb")).toEqual([
      [1, 8, "T", "A"],
      [9, 2, "T", "B"],
    ]);
  });

  test("a hundred thousand headings with nothing under them, without looking at each a hundred thousand times", () => {
    expect(sectionsOf([...Array(100_000).fill("# T"), "text"])).toHaveLength(1);
  });

  test("no heading in fences, front matter, indented code, or without a space", () => {
    expect(
      outline(
        "---\n# no: 1\n---\na\n```sh\n## no\n~~~\n```\n    ## no\n##no\n~~~~\n~~~\n## no\n~~~~\n## Yes",
      ),
    ).toEqual([
      [1, 14],
      [15, 1, "Yes"],
    ]);
  });

  test("underlined headings; a rule under a paragraph is none", () => {
    expect(outline("Title\n=====\ntext\n\nPart\n----\nmore\n\na\nb\n---\nc")).toEqual([
      [1, 4, "Title"],
      [5, 8, "Title", "Part"],
    ]);
  });

  test("a heading of a megabyte of spaces takes no time", () => {
    // Time that grows with the square of a megabyte does not end within a test's limit.
    expect(outline(`# ${" \t".repeat(500_000)}x`)).toHaveLength(1);
  });
});
