import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CutRequest, cutPassages, outlineOf } from "@patina/native";
import fc from "fast-check";
import { definitionsOf } from "./support/typescript-reference.ts";

const root = join(import.meta.dir, "../../..");

/** Costs a line its characters. */
function requestOf(path: string, text: string, budget: number): CutRequest {
  const costs = Uint32Array.from(text.split("\n"), (line) => line.length);
  return { path, kind: "code", text, costs, budget };
}

describe("an outline", () => {
  test("has the definitions that TypeScript's own compiler finds in every file of these packages", async () => {
    const paths = [...new Bun.Glob("packages/*/{src,test}/**/*.ts").scanSync({ cwd: root })];
    expect(paths.length).toBeGreaterThan(100);
    for (const path of paths) {
      const text = readFileSync(join(root, path), "utf8");
      const outline = await outlineOf(path, text);
      expect({ path, broken: outline?.broken }).toEqual({ path, broken: false });
      const found = outline?.definitions.map(({ kind, name, start, endLine }) => {
        const comments = /^(?:\/\*[\s\S]*?\*\/\s*|\/\/.*\n\s*)+/.exec(text.slice(start))?.[0] ?? "";
        const startLine = text.slice(0, start + comments.length).split("\n").length;
        return `${kind} ${name} ${startLine}-${endLine}`;
      });
      expect({ path, found: found?.sort() }).toEqual({ path, found: definitionsOf(path, text).sort() });
    }
  });

  test("has places in UTF-16 units and lines as JavaScript counts them", async () => {
    const text = "// 😀 \ufffd\r\nconst 名 = '😀';\r\n\r\nexport function f() {}\r\n";
    const outline = await outlineOf("a.ts", text);
    const found = outline?.definitions.map(({ start, end, startLine, endLine }) => ({
      text: text.slice(start, end),
      lines: [startLine, endLine],
    }));
    expect(found).toEqual([
      { text: "// 😀 \ufffd\r\nconst 名 = '😀';", lines: [1, 2] },
      { text: "export function f() {}", lines: [4, 4] },
    ]);
  });

  test("says what is around, imported, called and documented", async () => {
    const text = [
      "import type { A } from './a.ts';",
      "/** Finds. */",
      "class Index {",
      "  search() {",
      "    return this.rank(1);",
      "  }",
      "}",
    ].join("\n");
    const outline = await outlineOf("index.ts", text);
    expect(outline?.language).toBe("typescript");
    expect(outline?.definitions.map(({ name, trail, doc }) => [name, trail, doc])).toEqual([
      ["Index", [], "Finds."],
      ["search", ["Index"], ""],
    ]);
    expect(outline?.imports).toEqual([{ module: "./a.ts", names: ["A"], line: 1 }]);
    expect(outline?.calls).toEqual([{ callee: "rank", line: 5, within: 1 }]);
  });

  test("is null without a grammar, and of broken code what could be read", async () => {
    expect(await outlineOf("a.zig", "fn a() {}")).toBeNull();
    const broken = await outlineOf("a.ts", "function good() {}\nlet = = 1;\nfunction alsoGood() {}\n");
    expect(broken?.broken).toBe(true);
    expect(broken?.definitions.map(({ name }) => name)).toEqual(["good", "alsoGood"]);
  });

  test("refuses what is too large, and half a surrogate pair, and names the file", async () => {
    const refusal = (message: string) => ({
      code: "INVALID_INPUT",
      details: { file: "a.ts" },
      message: expect.stringContaining(message),
    });
    await expect(outlineOf("a.ts", "x;".repeat(1 << 20))).rejects.toMatchObject(refusal("more than 1 MiB"));
    await expect(outlineOf("a.ts", "'\ud800'")).rejects.toMatchObject(refusal("half a surrogate pair"));
  });
});

describe("passages", () => {
  test("are the lines they say they are, each line once, within the budget", async () => {
    const line = fc.constantFrom(
      "",
      "  ",
      "}",
      "function f() {",
      "  a();",
      "class A {",
      "# T",
      "// é😀",
      "x\r",
    );
    const request = fc.record({
      lines: fc.array(line, { maxLength: 60 }),
      path: fc.constantFrom("a.ts", "a.py", "a.md", "a.txt", "a"),
      budget: fc.integer({ min: 20, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ lines, path, budget }) => {
        let next = 0;
        for (const piece of await cutPassages(requestOf(path, lines.join("\n"), budget))) {
          const own = lines.slice(piece.startLine - 1, piece.endLine);
          expect(piece.text).toBe(own.join("\n"));
          expect(own.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(budget);
          const fresh = piece.startLine - 1 + piece.overlap;
          expect(fresh).toBeGreaterThanOrEqual(next);
          expect(lines.slice(next, fresh).join("").trim()).toBe("");
          next = piece.endLine;
        }
        expect(lines.slice(next).join("").trim()).toBe("");
      }),
    );
  });

  test("small definitions merge unless they are not to", async () => {
    const request = requestOf("a.ts", "const a = 1;\n\nfunction b() {}\n", 100);
    const symbolsOf = async (merge?: boolean) => {
      const pieces = await cutPassages(merge === undefined ? request : { ...request, merge });
      return pieces.map(({ symbols }) => symbols);
    };
    expect(await symbolsOf()).toEqual([["a", "b"]]);
    expect(await symbolsOf(true)).toEqual([["a", "b"]]);
    expect(await symbolsOf(false)).toEqual([["a"], ["b"]]);
  });

  test("a note is Markdown whatever its ending, and a piece says what it was cut along", async () => {
    const text = "# T\n\n## A\na\n## B\nb";
    const asNote = await cutPassages({ ...requestOf("a.txt", text, 100), kind: "note" });
    expect(asNote.map(({ headings, by }) => [by, ...headings])).toEqual([
      ["headings", "T", "A"],
      ["headings", "T", "B"],
    ]);
    const by = async (path: string) => (await cutPassages(requestOf(path, text, 100))).map(({ by }) => by);
    expect(await by("a.txt")).toEqual(["paragraphs"]);
    expect(await by("a.zig")).toEqual(["lines"]);
    expect(await by("a.c")).toEqual(["definitions"]);
    expect((await cutPassages(requestOf("a.ts", "x;\n".repeat(2 << 20), 50)))[0]?.by).toBe("lines");
  });

  const fine = requestOf("a.ts", "a\nb", 10);
  test.each<[string, Partial<CutRequest>, string]>([
    ["too few costs", { costs: new Uint32Array(1) }, "a.ts: there are 1 costs for 2 lines"],
    ["costs in another array", { costs: [1, 1] as unknown as Uint32Array }, "have to be a Uint32Array"],
    ["no budget", { budget: 0 }, "budget has to be a whole number"],
    ["another kind", { kind: "commit" as "note" }, 'has to be "code" or "note"'],
    ["half a surrogate pair", { text: "\ud800\n" }, "half a surrogate pair"],
  ])("refused: %s", async (_, change, message) => {
    const refused = cutPassages({ ...fine, ...change });
    await expect(refused).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(message),
    });
  });
});
