import { describe, expect, test } from "bun:test";
import { openEngine } from "@patina/engine";
import fc from "fast-check";
import { fixture } from "../../../engine/test/support/fixtures.ts";
import { filePassages } from "../../src/sources/file-passages.ts";
import {
  type Measure,
  measureByCharacters,
  measureByTokens,
  PASSAGE_FORMS,
} from "../../src/sources/index.ts";
import { HashEngine } from "../fixtures/hash-engine.ts";

function characters(limit: number): Measure {
  return { ...measureByCharacters(), limit, id: `characters ${limit}` };
}

/** Words, and one more for ten lines: a text is longer than its lines by themselves. */
function lonely(limit: number): Measure {
  const count = async (texts: readonly string[]) =>
    Uint32Array.from(
      texts,
      (text) => (text.match(/\S+/g) ?? []).length + Math.floor((text.match(/\n/g) ?? []).length / 10),
    );
  return { limit, id: `lonely ${limit}`, count };
}

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
  form: fc.constantFrom(...PASSAGE_FORMS),
  merge: fc.boolean(),
  measure: fc.constantFrom(characters(60), characters(150), characters(1000), lonely(16), lonely(40)),
});

describe("every file", () => {
  test("has each of its lines in its passages, in order; each passage is text of its lines, within the limit", async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ lines, path, kind, form, merge, measure }) => {
        const source = { kind, path, shownPath: path, text: lines.join("\n") };
        const passages = await filePassages(source, { measure, merge }, form);
        expect(await filePassages(source, { measure, merge }, form)).toEqual(passages);
        expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
        const covered = new Set<number>();
        let last = 0;
        for (const { startLine, endLine, text, bodyStart } of passages) {
          const [from, to] = [startLine ?? 0, endLine ?? 0];
          expect(from).toBeGreaterThanOrEqual(last);
          last = from;
          for (let number = from; number <= to; number++) covered.add(number);
          expect(lines.slice(from - 1, to).join("\n")).toContain(text.slice(bodyStart));
          expect(text.isWellFormed()).toBe(source.text.isWellFormed());
        }
        const blank = (number: number) => (lines[number - 1] ?? "").trim() === "";
        for (let number = 1; number <= lines.length; number++) {
          if (!blank(number)) expect(covered.has(number)).toBe(true);
        }
        const counts = await measure.count(passages.map(({ text }) => text));
        for (const count of counts) expect(count).toBeLessThanOrEqual(measure.limit);
      }),
      { numRuns: 600 },
    );
  });
});

describe("the header", () => {
  const text = "export const answer = 42;\n".repeat(40);

  test("takes its part of the limit: a long path keeps its end, a body has room", async () => {
    const path = `${"folder/".repeat(200)}file.ts`;
    const source = { kind: "code" as const, path, shownPath: path, text };
    for (const limit of [40, 400]) {
      const passages = await filePassages(source, { measure: characters(limit), merge: true }, "path");
      for (const { text, bodyStart } of passages) {
        expect(text).toStartWith("…");
        expect(bodyStart).toBeLessThanOrEqual(limit / 4 + 1);
        expect(text.length).toBeLessThanOrEqual(limit);
      }
      if (limit === 400) expect(passages[0]?.text).toContain("/file.ts\n");
    }
  });

  test("names definitions in the forms that have them, and the passage always does", async () => {
    const source = "class Loop {\n  run() {\n    return 1;\n  }\n}\n";
    const options = { measure: characters(1000), merge: true };
    const file = { kind: "code" as const, path: "loop.ts", shownPath: "loop.ts", text: source };
    const [plain] = await filePassages(file, options, "path");
    const [named] = await filePassages(file, options, "path-symbol");
    expect(plain?.symbol).toBe("Loop, Loop.run");
    expect(named?.symbol).toBe("Loop, Loop.run");
    expect(plain?.text).toBe(`loop.ts\n${source.trimEnd()}`);
    expect(named?.text).toBe(`loop.ts\nLoop, Loop.run\n${source.trimEnd()}`);
  });
});

describe("measures", () => {
  test("characters follow the model's limit, within bounds", () => {
    expect([8, 256, 512, 8192].map((tokens) => measureByCharacters(tokens).limit)).toEqual([
      100, 665, 1000, 1000,
    ]);
  });

  test("tokens leave room for what the engine adds, and are bounded", async () => {
    const limitOf = async (engine: HashEngine) => (await measureByTokens(engine)).limit;
    expect(await limitOf(new HashEngine({ maxTokens: 64 }))).toBe(64);
    expect(await limitOf(new HashEngine({ maxTokens: 64, passageTemplate: "one two: {text}" }))).toBe(62);
    expect(await limitOf(new HashEngine({ maxTokens: 8192 }))).toBe(320);
    const two = [new HashEngine(), new HashEngine({ encoderId: "1".repeat(64) })];
    const ids = await Promise.all(two.map(async (engine) => (await measureByTokens(engine)).id));
    expect(new Set(ids).size).toBe(2);
  });

  // One with a template of its own, one with the pieces of a Unigram vocabulary, one with those of bytes.
  test.each(["bert-prompts", "xlmr-mean", "qwen3-plain"])(
    "what is cut for %s it reads whole",
    async (name) => {
      const { spec } = fixture(name);
      await using engine = await openEngine(spec, { specialTokens: "neutralize" });
      const measure = await measureByTokens(engine);
      const own = await Bun.file(import.meta.path).text();
      const prose = await Bun.file(new URL("../../../../ARCHITECTURE.md", import.meta.url)).text();
      for (const [path, text] of [
        ["test/cut-text.test.ts", own],
        ["ARCHITECTURE.md", prose],
        ["cjk.txt", "どこでも同じ数になるとは限らない。".repeat(60)],
      ] as const) {
        const file = { kind: "code" as const, path, shownPath: path, text };
        const texts = (await filePassages(file, { measure, merge: true }, "path-symbol")).map(
          ({ text }) => text,
        );
        const { truncated } = await engine.embedBatch(texts, { kind: "passage" });
        expect(truncated.reduce((sum, one) => sum + one, 0)).toBe(0);
      }
    },
  );
});

describe("where it is cut", () => {
  const cut = (path: string, lines: readonly string[], limit: number) =>
    filePassages(
      { kind: "code", path, shownPath: path, text: lines.join("\n") },
      { measure: characters(limit), merge: true },
      "bare",
    );

  test("code: between definitions, a comment staying with what it speaks of", async () => {
    const code = [
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
    const passages = await cut("a.ts", code, 100);
    expect(passages.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [1, 6],
      [8, 11],
    ]);
    expect(passages.map(({ symbol }) => symbol)).toEqual(["add", "subtract"]);
  });

  test("a long line: at spaces, no half characters", async () => {
    const words = await cut("a.txt", ["word ".repeat(100)], 120);
    expect(words.length).toBeGreaterThanOrEqual(5);
    for (const { startLine, endLine, text } of words) {
      expect([startLine, endLine]).toEqual([1, 1]);
      expect(text.trim()).toMatch(/^(?:word )*word$/);
    }
    for (const { text } of await cut("a.txt", ["😀".repeat(333)], 101))
      expect(text.isWellFormed()).toBe(true);
  });

  test("a hundred thousand lines of one letter take no time", async () => {
    // Time that grows with the square of their number does not end within a test's limit.
    const passages = await cut("a.dat", new Array<string>(100_000).fill("x"), 1000);
    expect(passages.length).toBeGreaterThanOrEqual(200);
  });
});
