import { describe, expect, test } from "bun:test";
import { Matches } from "../src/terminal/matches.ts";
import { snippet } from "../src/terminal/snippet.ts";
import { styleFor } from "../src/terminal/style.ts";

const words = (...all: string[]): Matches => new Matches(all);

describe("snippet", () => {
  const text = "one\n\n  two\n    three retry\n\tfour retry backoff\nfive";

  test("is the window with the most words of the query, without empty lines and common indent", () => {
    expect(snippet(text, words("retry", "backoff"), 2, 80)).toEqual(["  three retry", "four retry backoff"]);
  });

  test("of windows with as many words is the one with more lines that have them, from such a line on", () => {
    const code = "return result;\n}\n/** Unifies types. */\nfunction unifyTypes() {\n  return 1;\n}";
    expect(snippet(code, words("unify"), 3, 80)).toEqual([
      "/** Unifies types. */",
      "function unifyTypes() {",
      "  return 1;",
    ]);
    expect(snippet("a\nb\nc word", words("word"), 2, 80)).toEqual(["c word"]);
  });

  test("is around the whole of an identifier before the words that it is made of", () => {
    const code = "// Where we unify the types.\nconst a = 1;\nconst b = 2;\nfunction unifyTypes(a, b) {";
    expect(snippet(code, words("unifytypes", "unify", "types"), 1, 80)).toEqual([
      "function unifyTypes(a, b) {",
    ]);
  });

  test("is the beginning where no word is found", () => {
    expect(snippet(text, words("absent"), 2, 80)).toEqual(["one", "  two"]);
    expect(snippet("", words("absent"), 2, 80)).toEqual([]);
  });

  test("keeps to the width, and to a limit where there is none", () => {
    expect(snippet("a long line of text", words(), 1, 8)).toEqual(["a long …"]);
    expect(snippet("x".repeat(1_000_000), words(), 1, Number.POSITIVE_INFINITY)[0]?.length).toBe(200);
  });

  test("shows control characters as signs", () => {
    expect(snippet("a\u001b[2Jb", words(), 1, 80)).toEqual(["a␛[2Jb"]);
  });
});

describe("the words of a query", () => {
  const terminal = styleFor({ isTTY: true }, {});
  /** The line with what stands out in brackets. */
  const marked = (line: string, ...all: string[]): string => {
    const [before = "", after = ""] = terminal.bold(terminal.yellow("|")).split("|");
    return words(...all)
      .highlight(line, terminal)
      .replaceAll(before, "[")
      .replaceAll(after, "]");
  };

  test("stand out whole, as parts of identifiers, and in other forms of their stem", () => {
    expect(marked("Caches and cached, scache", "cache")).toBe("[Caches] and [cached], scache");
    expect(marked("unifyTypes(unify_types, UNIFY2)", "types")).toBe("unify[Types](unify_[types], UNIFY2)");
    expect(marked("new HTTPServer()", "server")).toBe("new HTTP[Server]()");
    expect(marked("unifyTypes and unify", "unifytypes", "unify")).toBe("[unifyTypes] and [unify]");
    expect(marked("Überall über", "uber")).toBe("Überall [über]");
    expect(marked("日本語 text", "日本語")).toBe("[日本語] text");
  });

  test("are left as they are off a terminal", () => {
    expect(words("cache").highlight("cache", styleFor({ isTTY: false }, {}))).toBe("cache");
  });

  test("are counted once in a line, whatever their form", () => {
    expect(words("cache", "retry").found("caching the cache, retried: retryCount").size).toBe(2);
  });
});
