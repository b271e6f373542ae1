import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FullTextIndex, FullTextWriter } from "@patina/native";
import fc from "fast-check";
import { FullTextList } from "../src/search/full-text.ts";
import { fuse, type RankedList } from "../src/search/fusion.ts";
import type { ListName } from "../src/search/lists.ts";
import { type PlacedHit, rankDocuments } from "../src/search/rank-documents.ts";
import { LIST_WEIGHTS } from "../src/search/weights.ts";

/** Hits of passages, best first: each is the row, in a document of its own unless another is named. */
const hits = (...rows: (number | [row: number, document: number, text?: string])[]): PlacedHit[] =>
  rows.map((each, place) => {
    const [row, document = row, text = `t${row}`] = Array.isArray(each) ? each : [each];
    return { row, document, text, score: 1 - place / 10 };
  });

const list = (name: ListName, ...rows: Parameters<typeof hits>): RankedList => ({
  list: name,
  documents: rankDocuments(hits(...rows), 1),
});

describe("a list of documents", () => {
  test("ranks a document by its best passage and keeps the others", () => {
    const ranked = rankDocuments(hits([1, 101], [2, 102], [3, 101], [4, 103]), 1);
    expect(ranked.map(({ document, rank }) => [document, rank])).toEqual([
      [101, 1],
      [102, 2],
      [103, 3],
    ]);
    expect(ranked[0]?.passages).toEqual([
      { row: 1, rank: 1, score: 1 },
      { row: 3, rank: 3, score: 0.8 },
    ]);
  });

  test("adds up as many passages as are asked for", () => {
    // b has 0.9 + 0.8, a has 1, c has 0.7 + 0.6 + 0.5.
    const of = (count: number): (string | number)[][] =>
      rankDocuments(hits([1, 101], [2, 102], [3, 102], [4, 103], [5, 103], [6, 103]), count).map(
        ({ document, score }) => [document, Number(score.toFixed(6))],
      );
    expect(of(1)).toEqual([
      [101, 1],
      [102, 0.9],
      [103, 0.7],
    ]);
    expect(of(2)).toEqual([
      [102, 1.7],
      [103, 1.3],
      [101, 1],
    ]);
    expect(of(3)[0]).toEqual([103, 1.8]);
  });

  test("gives copies of a text one place together", () => {
    const ranked = rankDocuments(hits([1, 101, "licence"], [2, 102, "licence"], [3, 103]), 1);
    expect(ranked.map(({ rank }) => rank)).toEqual([1, 1, 2]);
  });
});

describe("reciprocal rank fusion", () => {
  test("adds 1 / (10 + rank) over the lists", () => {
    const fused = fuse([list("full-text", 7, 8), list("vectors", 9, 7)], LIST_WEIGHTS);
    // Worked out by hand from the formula: 1/11 + 1/12, 1/11, 1/12.
    expect(fused.map(({ document, score }) => [document, score.toFixed(6)])).toEqual([
      [7, "0.174242"],
      [9, "0.090909"],
      [8, "0.083333"],
    ]);
    expect(fused[0]?.why).toEqual([
      { list: "full-text", rank: 1, score: 1 },
      { list: "vectors", rank: 2, score: 0.9 },
    ]);
  });

  test("puts the passage first that says most over all lists", () => {
    const fused = fuse(
      [list("full-text", [1, 101], [2, 101]), list("vectors", [2, 101], [3, 101])],
      LIST_WEIGHTS,
    );
    expect(fused).toHaveLength(1);
    expect(fused[0]?.passages.map(({ row }) => row)).toEqual([2, 1, 3]);
    expect(fused[0]?.passages[0]?.why).toEqual([
      { list: "full-text", rank: 2, score: 0.9 },
      { list: "vectors", rank: 1, score: 1 },
    ]);
  });

  test("puts equal scores in the order of rows", () => {
    const fused = fuse([list("mentions", 5), list("co-change", 4)], { mentions: 1, "co-change": 1 });
    expect(fused.map(({ document }) => document)).toEqual([4, 5]);
  });

  const NAMES: readonly ListName[] = ["full-text", "vectors", "history", "co-change", "mentions"];
  const anyList = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });
  const anyLists = fc
    .tuple(
      fc.shuffledSubarray([...NAMES], { minLength: 1 }),
      fc.array(anyList, { minLength: 5, maxLength: 5 }),
    )
    .map(([names, rows]) =>
      // Three passages a document, so that several of a document are met.
      names.map((name, at) => list(name, ...(rows[at] ?? []).map((row): [number, number] => [row, row % 4]))),
    );
  const anyWeights = fc.record(
    Object.fromEntries(NAMES.map((name) => [name, fc.constantFrom(0, 0.1, 0.5, 1, 2)])) as Record<
      ListName,
      fc.Arbitrary<number>
    >,
  );

  test("gives the same whatever order the lists come in", () => {
    fc.assert(
      fc.property(anyLists, anyWeights, (lists, weights) => {
        expect(fuse(lists.toReversed(), weights)).toEqual(fuse(lists, weights));
      }),
    );
  });

  test("a document that every list puts before another is before it", () => {
    fc.assert(
      fc.property(anyLists, anyWeights, (lists, weights) => {
        const order = fuse(lists, weights);
        const rankIn = (each: RankedList, document: number): number =>
          each.documents.find((one) => one.document === document)?.rank ?? Number.POSITIVE_INFINITY;
        for (const [place, { document, score }] of order.entries()) {
          for (const later of order.slice(place + 1)) {
            const ahead = lists.every((each) => rankIn(each, later.document) < rankIn(each, document));
            expect(ahead && later.score < score).toBe(false);
          }
        }
      }),
    );
  });

  test("a better place never lowers a document", () => {
    fc.assert(
      fc.property(anyList, anyList, fc.nat(), anyWeights, (words, vectors, pick, weights) => {
        fc.pre(words.length > 1);
        const at = 1 + (pick % (words.length - 1));
        const risen = words.with(at - 1, words[at] ?? 0).with(at, words[at - 1] ?? 0);
        const place = (rows: number[]): number =>
          fuse([list("full-text", ...rows), list("vectors", ...vectors)], weights).findIndex(
            ({ document }) => document === words[at],
          );
        expect(place(risen)).toBeLessThanOrEqual(place(words));
      }),
    );
  });
});

describe("full-text", () => {
  /** An index of these texts. */
  async function indexOf(texts: readonly string[], use: (list: FullTextList) => void): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), "patina-words-"));
    try {
      const file = join(directory, "full-text.idx");
      const writer = new FullTextWriter(file);
      await writer.add(texts.map((body, row) => ({ row, heading: "", body })));
      await writer.finish(texts.length);
      using index = new FullTextIndex(file);
      use(new FullTextList(index));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  const texts = Array.from({ length: 500 }, (_, row) => (row === 77 ? "common rare" : "common"));

  test("leaves common words out of a query that has rarer ones", () =>
    indexOf(texts, (list) => {
      expect(list.find(list.words("common rare").sought, null, 10).map(({ row }) => row)).toEqual([78]);
      expect(list.find(list.words("common absent").sought, null, 10)).toHaveLength(10);
      expect(list.find(list.words("absent").sought, null, 10)).toEqual([]);
    }));

  test("says which words it looks for, which are common and which are nowhere", () =>
    indexOf(texts, (list) => {
      expect(list.words("common rare absent")).toEqual({
        sought: ["rare"],
        common: ["common"],
        left: ["absent"],
      });
      expect(list.words("common")).toEqual({ sought: ["common"], common: [], left: [] });
    }));

  test("looks for the rarest words of a long query", () =>
    indexOf([...texts, "seldom rare", "seldom"], (list) => {
      const many = Array.from({ length: 70 }, (_, number) => `word${number}`);
      const { sought, left } = list.words(`seldom ${many.join(" ")} rare common`);
      expect(sought).toEqual(["seldom", "rare"]);
      expect(left).toEqual(many);
    }));
});
