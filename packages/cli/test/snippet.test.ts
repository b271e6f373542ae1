import { describe, expect, test } from "bun:test";
import { highlight, queryWords, snippet } from "../src/terminal/snippet.ts";
import { styleFor } from "../src/terminal/style.ts";

describe("snippet", () => {
  const text = "one\n\n  two\n    three retry\n\tfour retry backoff\nfive";

  test("is the window with the most words of the query, without empty lines and common indent", () => {
    expect(snippet(text, ["retry", "backoff"], 2, 80)).toEqual(["  three retry", "four retry backoff"]);
  });

  test("is the beginning where no word is found", () => {
    expect(snippet(text, ["absent"], 2, 80)).toEqual(["one", "  two"]);
    expect(snippet("", ["absent"], 2, 80)).toEqual([]);
  });

  test("keeps to the width, and to a limit where there is none", () => {
    expect(snippet("a long line of text", [], 1, 8)).toEqual(["a long …"]);
    expect(snippet("x".repeat(1_000_000), [], 1, Number.POSITIVE_INFINITY)[0]?.length).toBe(200);
  });

  test("shows control characters as signs", () => {
    expect(snippet("a\u001b[2Jb", [], 1, 80)).toEqual(["a␛[2Jb"]);
  });
});

describe("query words", () => {
  test("short ones count only where there is no other", () => {
    expect(queryWords("How is the Retry-limit set?")).toEqual(["retry", "limit"]);
    expect(queryWords("to do")).toEqual(["to", "do"]);
    expect(queryWords('"(*')).toEqual([]);
  });

  test("stand out on a terminal only, the longest first", () => {
    const terminal = styleFor({ isTTY: true }, {});
    const marked = (word: string): string => terminal.bold(terminal.yellow(word));
    expect(highlight("Caches and cache", ["cache", "caches"], terminal)).toBe(
      `${marked("Caches")} and ${marked("cache")}`,
    );
    expect(highlight("cache", ["cache"], styleFor({ isTTY: false }, {}))).toBe("cache");
  });
});
