import { describe, expect, test } from "bun:test";
import { fileHeader, PASSAGE_FORMS, passageText, placeHeader } from "../../src/sources/passage-text.ts";
import { collect, recipeOf, TemporaryRepository } from "./repository.ts";

const code = {
  path: "src/httpServer/run_loop2.test.ts",
  headings: [],
  symbols: ["Loop.run", "Loop.stop"],
  tags: [],
};
const note = { path: "docs/é-plan.md", headings: ["Plan", "", "First"], symbols: [], tags: ["net", "io"] };

describe("the header of each form", () => {
  test.each([
    ["path", ["src/httpServer/run_loop2.test.ts"], ["docs/é-plan.md", "net, io", "Plan › First"]],
    [
      "path-symbol",
      ["src/httpServer/run_loop2.test.ts", "Loop.run, Loop.stop"],
      ["docs/é-plan.md", "net, io", "Plan › First"],
    ],
    [
      "words",
      ["src http Server run loop2 test ts", "Loop.run, Loop.stop"],
      ["docs é plan md", "net, io", "Plan › First"],
    ],
    ["symbol", ["Loop.run, Loop.stop"], ["net, io", "Plan › First"]],
    ["bare", [], []],
  ] as const)("%s", (form, ofCode, ofNote) => {
    for (const [place, header] of [
      [code, ofCode],
      [note, ofNote],
    ] as const) {
      const lines = [...fileHeader(form, place), ...[placeHeader(form, place) ?? []].flat()];
      expect(lines).toEqual([...header]);
      const { text, bodyStart } = passageText(lines, "body\n");
      expect(text).toBe([...lines, "body\n"].join("\n"));
      expect(text.slice(bodyStart)).toBe("body\n");
    }
  });
});

test("a form changes what stands before the body and every fingerprint, and nothing else", async () => {
  const repository = new TemporaryRepository();
  try {
    repository.write("src/a.ts", "export const answer = 42;\n".repeat(100));
    repository.write("docs/n.md", "# Note\n\n## One\n\ntext\n\n## Two\n\ntext\n");
    repository.commit("one");
    const bodies = await Promise.all(
      PASSAGE_FORMS.map(async (form) => {
        const { passages } = await collect(repository.root, recipeOf(), { form });
        return passages.map(({ kind, path, startLine, endLine, text, bodyStart }) => [
          ...[kind, path, startLine, endLine],
          text.slice(bodyStart),
        ]);
      }),
    );
    for (const other of bodies) expect(other).toEqual(bodies[0] as typeof other);
  } finally {
    repository.remove();
  }
});
