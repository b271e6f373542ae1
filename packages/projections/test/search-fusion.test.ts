import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { TABLES } from "../src/index/documents-schema.ts";
import { FullTextList } from "../src/search/full-text.ts";
import { fuse, LIST_WEIGHTS } from "../src/search/fusion.ts";

const hits = (...rows: number[]): { row: number; score: number }[] =>
  rows.map((row, place) => ({ row, score: 1 - place / 10 }));

describe("reciprocal rank fusion", () => {
  test("adds 1 / (60 + rank) over the lists", () => {
    const fused = fuse(
      [
        { list: "full-text", hits: hits(7, 8) },
        { list: "vectors", hits: hits(9, 7) },
      ],
      LIST_WEIGHTS,
      String,
    );
    // Worked out by hand from the formula: 1/61 + 1/62, 1/61, 1/62.
    expect(fused.map(({ row, score }) => [row, score.toFixed(6)])).toEqual([
      [7, "0.032522"],
      [9, "0.016393"],
      [8, "0.016129"],
    ]);
    expect(fused[0]?.why).toEqual([
      { list: "full-text", rank: 1, score: 1 },
      { list: "vectors", rank: 2, score: 0.9 },
    ]);
  });

  test("counts a text once in each list, at its best place, and ranks the next ones behind it", () => {
    const text = (row: number): string => (row === 2 || row === 3 ? "same" : String(row));
    const fused = fuse(
      [
        { list: "full-text", hits: hits(3, 2, 4) },
        { list: "vectors", hits: hits(2) },
      ],
      LIST_WEIGHTS,
      text,
    );
    expect(fused.map(({ row }) => row)).toEqual([3, 4]);
    expect(fused[0]?.why.map(({ rank }) => rank)).toEqual([1, 1]);
    expect(fused[1]?.why).toEqual([{ list: "full-text", rank: 2, score: 0.8 }]);
  });

  test("puts equal scores in the order of rows", () => {
    const fused = fuse(
      [
        { list: "full-text", hits: hits(5) },
        { list: "vectors", hits: hits(4) },
      ],
      LIST_WEIGHTS,
      String,
    );
    expect(fused.map(({ row }) => row)).toEqual([4, 5]);
  });
});

describe("full-text", () => {
  /** An index of passages `text`, all of one kind. */
  function documents(texts: readonly string[]): Database {
    const database = new Database(":memory:");
    for (const table of TABLES) database.run(table);
    const insert = database.query(
      "INSERT INTO full_text (rowid, kind, path, title, text) VALUES (?, 'code', '', '', ?)",
    );
    for (const [index, text] of texts.entries()) insert.run(index + 1, text);
    return database;
  }

  test("leaves common words out of a query that has rarer ones", () => {
    const texts = Array.from({ length: 500 }, (_, row) => (row === 77 ? "common rare" : "common"));
    using database = documents(texts);
    const list = new FullTextList(database, texts.length);
    expect(list.find("common rare", null, 10).map(({ row }) => row)).toEqual([78]);
    expect(list.find("common absent", null, 10)).toHaveLength(10);
    expect(list.find("absent", null, 10)).toEqual([]);
  });

  test("matches the kind as a filter only, never as a word", () => {
    using database = documents(["alpha", "alpha code"]);
    const list = new FullTextList(database, 2);
    expect(list.find("code", null, 10).map(({ row }) => row)).toEqual([2]);
    expect(list.find("alpha", ["code"], 10)).toHaveLength(2);
    expect(list.find("alpha", ["note", "commit"], 10)).toEqual([]);
  });
});
