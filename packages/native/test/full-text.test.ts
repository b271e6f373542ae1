/** The index of words against SQLite's FTS5, whose BM25 it has, and what a person meets of it. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PatinaError } from "@patina/core";
import fc from "fast-check";
import { FullTextIndex, type FullTextPassage, FullTextWriter, QueryTerms } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "patina-full-text-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${files++}.idx`);

async function written(passages: readonly FullTextPassage[], rows = passages.length): Promise<string> {
  const file = newFile();
  using writer = new FullTextWriter(file);
  await writer.add(passages);
  await writer.finish(rows);
  return file;
}

const bodies = (...texts: string[]): FullTextPassage[] =>
  texts.map((body, row) => ({ row, heading: "", body }));

/** FTS5 with the same columns and weights; its words are as here where they have neither accents nor endings. */
class Reference implements Disposable {
  readonly #database = new Database(":memory:");

  constructor(passages: readonly FullTextPassage[]) {
    this.#database.run("CREATE VIRTUAL TABLE words USING fts5 (heading, body)");
    const insert = this.#database.query("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)");
    for (const { row, heading, body } of passages) insert.run(row, heading, body);
  }

  search(expression: string): [number, number][] {
    return this.#database
      .query(
        `SELECT rowid, -bm25(words, 4, 1) FROM words WHERE words MATCH ? ORDER BY bm25(words, 4, 1), rowid`,
      )
      .values(expression) as [number, number][];
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** Rows with scores that may differ by the order of additions. */
function expectSame(found: { rows: Uint32Array; scores: Float64Array }, due: [number, number][]): void {
  const byRow = (entries: [number, number][]): [number, number][] => entries.toSorted(([a], [b]) => a - b);
  const ours = byRow(Array.from(found.rows, (row, place) => [row, found.scores[place] ?? Number.NaN]));
  const theirs = byRow(due);
  expect(ours.map(([row]) => row)).toEqual(theirs.map(([row]) => row));
  for (const [place, [, score]] of ours.entries()) {
    const expected = theirs[place]?.[1] ?? Number.NaN;
    expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
  }
}

const word = fc.nat({ max: 11 }).map((number) => `w${number}`);
const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
const passages = fc
  .array(fc.record({ heading: text, body: text }), { minLength: 1, maxLength: 30 })
  .map((all) => all.map((passage, row) => ({ row, ...passage })));

describe("scores are FTS5's", () => {
  test("of words", async () => {
    await fc.assert(
      fc.asyncProperty(passages, fc.uniqueArray(word, { minLength: 1 }), async (all, words) => {
        using index = new FullTextIndex(await written(all));
        using reference = new Reference(all);
        expectSame(index.search(words, all.length), reference.search(words.join(" OR ")));
      }),
    );
  });

  test("of phrases", async () => {
    const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
    await fc.assert(
      fc.asyncProperty(passages, phrase, async (all, words) => {
        using index = new FullTextIndex(await written(all));
        using reference = new Reference(all);
        expectSame(index.searchPhrases([words], all.length), reference.search(`body : "${words}"`));
      }),
    );
  });

  test("whatever was removed and added before", async () => {
    await fc.assert(
      fc.asyncProperty(passages, passages, fc.array(word, { minLength: 1 }), async (before, after, words) => {
        const added = after.map((passage) => ({ ...passage, row: passage.row + 5 }));
        const taken = new Set(added.map(({ row }) => row));
        const kept = before.filter(({ row }) => row > 0 && !taken.has(row));
        const file = newFile();
        using writer = new FullTextWriter(file, {
          path: await written(before),
          removedRows: Uint32Array.of(0, ...taken),
        });
        await writer.add(added);
        await writer.finish(50);
        using index = new FullTextIndex(file);
        expect(index.passages).toBe(kept.length + added.length);
        using reference = new Reference([...kept, ...added]);
        expectSame(index.search(words, 50), reference.search(words.join(" OR ")));
      }),
    );
  });
});

test("the best come first, equal ones by row, and only those that are allowed", async () => {
  using index = new FullTextIndex(await written(bodies("one two", "two", "two", "one", "three", "four")));
  expect([...index.search(["two"], 10).rows]).toEqual([1, 2, 0]);
  expect([...index.search(["two"], 1).rows]).toEqual([1]);
  expect([...index.search(["two"], 10, Uint8Array.of(1, 0, 1, 1, 1, 1)).rows]).toEqual([2, 0]);
  expect([...index.search(["two"], 0).rows]).toEqual([]);
  expect([...index.search([], 10).rows]).toEqual([]);
  expect(() => index.search(["two"], 10, Uint8Array.of(1))).toThrow("1 bytes for 6 rows");
  expect(() => index.search(["two"], -1)).toThrow("whole number from 0, not -1");
});

test("the words of a query come once, in lower case, with how many passages have them", async () => {
  using index = new FullTextIndex(await written(bodies("unifyTypes(a)", "types")));
  expect(index.words("unifyTypes or `unify_types`, TYPES, Type? Über")).toEqual([
    { word: "unifytypes", passages: 1 },
    { word: "unify", passages: 1 },
    { word: "types", passages: 2 },
    { word: "or", passages: 0 },
    { word: "unify_types", passages: 0 },
    { word: "type", passages: 2 },
    { word: "über", passages: 0 },
  ]);
});

test("takes time in proportion to the text, whatever it is", async () => {
  for (const unit of ["x", "X", "7", "_", "xX", "Xx_", "é", "a "]) {
    // What tries every letter as a beginning does not end within the test's limit for these.
    const body = unit.repeat(500_000);
    using index = new FullTextIndex(await written(bodies(body)));
    expect(index.hasWords(0, body)).toBe(true);
    expect(index.words(body).length).toBeLessThan(5);
  }
}, 60_000);

test("a query's words are found in a text, in other forms and within identifiers", () => {
  const terms = new QueryTerms(["searching", "types"]);
  const text = "📦 Search: unifyTypes, types, a type";
  expect(terms.find(text).map(({ start, end, word }) => [text.slice(start, end), word])).toEqual([
    ["Search", 0],
    ["Types", 1],
    ["types", 1],
    ["type", 1],
  ]);
  expect(new QueryTerms([]).find(text)).toEqual([]);
});

describe("says what is wrong", () => {
  const failure = (work: () => unknown): Partial<PatinaError> => {
    try {
      work();
    } catch (error) {
      return error as PatinaError;
    }
    return {};
  };

  test("with a file", async () => {
    const missing = failure(() => new FullTextIndex(join(folder, "absent.idx")));
    expect(missing.code).toBe("INTEGRITY");
    expect(missing.message).toContain("absent.idx is damaged: it is missing");
    const other = newFile();
    writeFileSync(other, "x".repeat(100));
    expect(failure(() => new FullTextIndex(other)).message).toContain("no index of words");
    expect(
      failure(() => new FullTextWriter(newFile(), { path: other, removedRows: new Uint32Array() })).code,
    ).toBe("INTEGRITY");
  });

  test("with what is added, and leaves no file", async () => {
    const before = readdirSync(folder);
    using writer = new FullTextWriter(newFile());
    const alpha = (row: number): FullTextPassage[] => [{ row, heading: "", body: "alpha" }];
    await writer.add(alpha(4));
    await expect(writer.add(alpha(4))).rejects.toThrow("ascending");
    for (const row of [0.5, -1, 2 ** 32])
      await expect(writer.add(alpha(row))).rejects.toThrow("whole number");
    await expect(writer.finish(2)).rejects.toThrow("row 4 has a passage");
    await expect(writer.finish(5)).rejects.toThrow("begin another");
    expect(readdirSync(folder)).toEqual(before);
  });

  test("with what was closed", async () => {
    const index = new FullTextIndex(await written(bodies("alpha")));
    index.close();
    index.close();
    expect(failure(() => index.search(["alpha"], 1)).code).toBe("CLOSED");
  });
});
