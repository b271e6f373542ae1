import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { identifierParts, indexedText, queryWords } from "../src/index/words.ts";

describe("identifiers", () => {
  test.each([
    ["unifyTypes", ["unify", "Types"]],
    ["unify_types", ["unify", "types"]],
    ["_private", ["private"]],
    ["__init__", ["init"]],
    ["MAX_QUERY_WORDS", ["MAX", "QUERY", "WORDS"]],
    ["HTTPServer", ["HTTP", "Server"]],
    ["parseHTTP2Frame", ["parse", "HTTP2", "Frame"]],
    ["readUtf8Text", ["read", "Utf8", "Text"]],
    ["aMap", ["Map"]],
    ["plain", []],
    ["Plain", []],
    ["PLAIN", []],
    ["utf8", []],
    ["_", []],
  ])("%s has the parts %j", (identifier, parts) => {
    expect(identifierParts(identifier)).toEqual(parts);
  });

  test("are indexed as they are and by their parts", () => {
    expect(indexedText("call unifyTypes(a, b)")).toBe("call unifyTypes(a, b)\nunify Types");
    expect(indexedText("nothing to split")).toBe("nothing to split");
  });

  test("give the words of a query once, in lower case", () => {
    expect(queryWords("unifyTypes or `unify_types`, Types?")).toEqual([
      ...["unifytypes", "unify", "types", "or", "unify_types"],
    ]);
    expect(queryWords("Über 日本語 e\u0301")).toEqual(["über", "日本語", "e\u0301"]);
    expect(queryWords('"*():^-+ \0')).toEqual([]);
    // A sign and the variation selector after it, which is a mark, and no word.
    expect(queryWords("\u26a0\ufe0f careful")).toEqual(["careful"]);
  });

  test("take time in proportion to the text, whatever it is", () => {
    for (const unit of ["x", "X", "7", "_", "xX", "Xx_", "é", "a "]) {
      // A pattern that tries every letter as a beginning does not end within the test's limit for these.
      const text = unit.repeat(500_000);
      expect(indexedText(text)).toStartWith(text);
      expect(queryWords(text).length).toBeLessThan(4);
    }
  }, 60_000);

  test("hold only letters, digits and _, so that no query holds an operator", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const word of queryWords(text)) expect(word).toMatch(/^[\p{L}\p{M}\p{N}_]+$/u);
      }),
    );
  });
});
