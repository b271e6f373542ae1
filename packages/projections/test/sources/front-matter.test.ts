import { describe, expect, test } from "bun:test";
import { frontMatterOf } from "../../src/sources/front-matter.ts";

describe("the date of the front matter", () => {
  test.each([
    ["date: 2024-03-05", Date.UTC(2024, 2, 5)],
    ["date: '2024-03-05'", Date.UTC(2024, 2, 5)],
    ["date: 2024-03-05T10:30:00Z", Date.UTC(2024, 2, 5, 10, 30)],
    ["date: 2024-03-05 10:30 +0200", Date.UTC(2024, 2, 5, 8, 30)],
    ["Date: 2024-03-05 # when", Date.UTC(2024, 2, 5)],
  ])("%s", (line, milliseconds) => {
    expect(frontMatterOf(["---", "title: x", line, "---"]).time).toBe(milliseconds / 1000);
  });

  test("TOML, none, unreadable, outside, unclosed", () => {
    expect(frontMatterOf(["+++", 'date = "2024-03-05"', "+++"]).time).toBe(Date.UTC(2024, 2, 5) / 1000);
    expect(frontMatterOf(["---", "title: x", "---", "date: 2024-03-05"]).time).toBeNull();
    expect(frontMatterOf(["---", "date: last week", "---"]).time).toBeNull();
    expect(frontMatterOf(["date: 2024-03-05"]).time).toBeNull();
    expect(frontMatterOf(["---", "date: 2024-03-05"]).time).toBeNull();
  });
});

describe("the rest of it", () => {
  const of = (...lines: string[]) => frontMatterOf(["---", ...lines, "---", "text"]);

  test("title, author, tags, as lists, texts and things with a name", () => {
    expect(of('title: "Why: a socket"', "Author: Ada", "tags: [net, io]")).toEqual({
      time: null,
      title: "Why: a socket",
      author: "Ada",
      tags: ["net", "io"],
    });
    expect(of("authors:", "  - name: Ada", "  - Grace", "tags: net, io")).toMatchObject({
      author: "Ada, Grace",
      tags: ["net", "io"],
    });
    expect(
      frontMatterOf(["+++", 'title = "T"', 'tags = ["a"]', "date = 2024-03-05T10:30:00Z", "+++"]),
    ).toEqual({
      time: Date.UTC(2024, 2, 5, 10, 30) / 1000,
      title: "T",
      author: null,
      tags: ["a"],
    });
  });

  test("what is broken, bent or a bomb is a note without any", () => {
    const nothing = { time: null, title: null, author: null, tags: [] };
    expect(of("title: T", "tags: [a")).toEqual(nothing);
    expect(of("title: {a: b}", "tags: {a: b}", "author: [[]]")).toEqual(nothing);
    expect(of("- a", "- b")).toEqual(nothing);
    expect(of("a: &a [x, x]", "b: &b [*a, *a]", "title: T")).toEqual(nothing);
    expect(of("title: |", ...Array(300).fill("  x"))).toEqual(nothing);
    expect(of(`title: ${"[".repeat(10_000)}`)).toEqual(nothing);
    expect(of(`title: ${"w ".repeat(500)}`).title).toHaveLength(200);
  });
});
