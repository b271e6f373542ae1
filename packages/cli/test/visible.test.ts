import { describe, expect, test } from "bun:test";
import { safeJson, visible, visibleLine } from "../src/terminal/visible.ts";

const HOSTILE = "a\u001b[31mred\u0007\u009b2J\u007f\u202etxt\u2066\u0000\rb";

describe("visible", () => {
  test("control characters become signs", () => {
    expect(visible(HOSTILE)).toBe("a␛[31mred␇<U+009B>2J␡<U+202E>txt<U+2066>␀␍b");
  });

  test("tabs, newlines, letters of all scripts and emoji stay", () => {
    const text = "a\tb\n日本語 עברית 👩‍👩‍👧 é ﷽";
    expect(visible(text)).toBe(text);
  });

  test("a Windows line end is a line end", () => {
    expect(visible("a\r\nb\r")).toBe("a\nb␍");
  });

  test("half a surrogate pair does not reach the terminal", () => {
    expect(visible("\ud800")).toBe("<U+D800>");
  });

  test("a line stays a line", () => {
    expect(visibleLine("a\nb\tc")).toBe("a␊b␉c");
  });
});

describe("safeJson", () => {
  test("writes what a terminal acts on as escapes and reads back as it was", () => {
    const json = safeJson({ text: HOSTILE }, 2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(JSON.parse(json)).toEqual({ text: HOSTILE });
  });
});
