import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { SearchAnswer } from "../src/search/answer.ts";
import type { SearchFilters } from "../src/search/filters.ts";
import { openIndex } from "../src/search/open-index.ts";
import type { SearchIndex } from "../src/search/search-index.ts";
import { timeBound } from "../src/search/time-bound.ts";
import type { CommitMark, Passage, PassageKind } from "../src/sources/passage.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { passage, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();
const DAY = 86_400;
const BEGIN = Date.UTC(2024, 0, 1) / 1_000;

const AUTHORS = ["Ada Lovelace", "Grace Hopper", "ÉMILE Borel"];
const FOLDERS = ["src", "src/deep", "docs", "vendor/lib"];
const MARKS: readonly (readonly CommitMark[])[] = [[], [], ["merge"], ["bot", "mass-rename"]];

/** Passages of every kind whose path, author, time and marks go through all combinations. */
function corpus(): Passage[] {
  return Array.from({ length: 160 }, (_, number) => {
    const kind = (["code", "commit", "note", "pair"] as const)[number % 4] ?? "code";
    const text = `river word${number % 7} term${number % 11} text${number}`;
    const path = `${FOLDERS[(number >> 2) % 4]}/file-${number % 23}.${kind === "note" ? "md" : "ts"}`;
    if (kind !== "commit")
      return passage(text, { kind, path, time: kind === "note" ? BEGIN + number * DAY : null });
    return passage(text, {
      kind,
      path: null,
      commit: String(number).padStart(40, "0"),
      author: AUTHORS[(number >> 2) % 3] ?? null,
      time: BEGIN + number * DAY,
      marks: MARKS[(number >> 2) % 4] ?? [],
    });
  });
}

describe("filters", () => {
  const project = new TemporaryProject();
  let index: SearchIndex;
  const ask = (filters: SearchFilters, query = "river"): Promise<SearchAnswer> =>
    index.ask(query, { engine, filters, limit: 1_000 });

  beforeAll(async () => {
    await project.index(corpus(), { engine });
    index = await openIndex(project.root);
  });
  afterAll(() => {
    index.close();
    project[Symbol.dispose]();
  });

  /** What the filters mean, one passage at a time. */
  function passes(filters: SearchFilters, { kind, path, author, time, marks }: Passage): boolean {
    const { kinds, paths, hide } = filters;
    const under = (glob: string): boolean => path?.startsWith(glob.replace("!", "")) ?? false;
    const taken = paths?.filter((glob) => !glob.startsWith("!")) ?? [];
    const left = paths?.filter((glob) => glob.startsWith("!")) ?? [];
    return [
      kinds === undefined || kinds.includes(kind),
      taken.length === 0 || taken.some(under),
      !left.some(under),
      filters.author === undefined || (author?.toLowerCase().includes(filters.author.toLowerCase()) ?? false),
      filters.since === undefined || (time !== null && time >= Number(filters.since)),
      filters.until === undefined || (time !== null && time <= Number(filters.until)),
      hide === undefined || !marks.some((mark) => hide.includes(mark)),
    ].every(Boolean);
  }

  const anyFilters: fc.Arbitrary<SearchFilters> = fc.record(
    {
      kinds: fc.subarray<PassageKind>(["code", "commit", "note", "pair"], { minLength: 1 }),
      paths: fc.subarray(["src/", "docs/", "vendor/lib/", "!src/deep/", "!docs/"], { minLength: 1 }),
      author: fc.constantFrom("ada", "HOPPER", "émile", "nobody"),
      since: fc.integer({ min: 0, max: 80 }).map((day) => BEGIN + day * DAY),
      until: fc.integer({ min: 80, max: 160 }).map((day) => BEGIN + day * DAY),
      hide: fc.subarray<CommitMark>(["merge", "bot", "mass-rename"], { minLength: 1 }),
    },
    { requiredKeys: [] },
  );

  test("let through what a look at every passage would, in both lists", async () => {
    await fc.assert(
      fc.asyncProperty(anyFilters, async (filters) => {
        const expected = corpus().filter((each) => passes(filters, each));
        const answer = await ask(filters);
        const found = answer.results.flatMap(({ id, further }) => [id, ...further.map((one) => one.id)]);
        const ids = new Set(expected.map(({ id }) => id));
        expect(found.filter((id) => !ids.has(id))).toEqual([]);
        // Every passage has the word “river”, and a vector: both lists find all that pass.
        if (expected.length > 0)
          for (const { list, passages } of answer.lists)
            expect(passages).toBe(list === "history" ? 0 : expected.length);
        else expect(answer.results).toEqual([]);
        expect(answer.filtered?.passages ?? corpus().length).toBe(expected.length);
      }),
      { numRuns: 150 },
    );
  });

  test("leave each list in the order it has without them", async () => {
    const all = await ask({});
    const order = (answer: SearchAnswer, list: string): string[] =>
      answer.results
        .map(({ id, why }) => ({ id, vote: why.find((one) => one.list === list) }))
        .filter(({ vote }) => vote !== undefined)
        .sort((a, b) => (b.vote?.score ?? 0) - (a.vote?.score ?? 0) || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
    for (const filters of [
      { kinds: ["commit"] },
      { author: "ada" },
      { hide: ["merge"] },
    ] as SearchFilters[]) {
      const some = await ask({ ...filters, kinds: ["commit"] });
      for (const list of ["full-text", "vectors"]) {
        const kept = order(some, list);
        expect(kept.length).toBeGreaterThan(5);
        expect(order(all, list).filter((id) => kept.includes(id))).toEqual(kept);
      }
    }
  });

  test("that let nothing through say which one it is and what would pass without it", async () => {
    const { results, filtered } = await ask({ kinds: ["code", "note"], author: "ada" });
    expect(results).toEqual([]);
    expect(filtered).toEqual({
      passages: 0,
      excludedBy: [
        { filter: "kinds", without: 14 },
        { filter: "author", without: 80 },
      ],
    });
  });

  test("that let nothing through need no model", async () => {
    const { results } = await index.ask("river", { filters: { author: "nobody" } });
    expect(results).toEqual([]);
  });

  test.each([
    [{ paths: [] }, "paths"],
    [{ paths: ["!"] }, "paths"],
    [{ author: " " }, "author"],
    [{ since: "yesterday" }, "since"],
    [{ since: "2024-02-30" }, "since"],
    [{ until: "3 fortnights" }, "until"],
    [{ since: "2024-03-01", until: "2024-02-01" }, "since"],
    [{ hide: [] }, "hide"],
    [{ hide: ["merges"] }, "hide"],
    [{ kinds: ["codes"] }, "kinds"],
  ] as [SearchFilters, string][])("refuse what they cannot act on: %j", async (filters, key) => {
    expect(await failure(ask(filters))).toMatchObject({ code: "INVALID_INPUT", details: { key } });
  });

  test("by path take globs at any depth, folders, and what is excluded in any order", async () => {
    const paths = async (...globs: string[]): Promise<Set<string>> =>
      new Set((await ask({ paths: globs })).results.map(({ path }) => String(path).replace(/\/[^/]*$/, "")));
    expect(await paths("*.md")).toEqual(new Set(["src", "src/deep", "docs", "vendor/lib"]));
    expect(await paths("lib")).toEqual(new Set(["vendor/lib"]));
    expect(await paths("!deep", "/src")).toEqual(new Set(["src"]));
    expect(await paths("!./src/deep", "./src/")).toEqual(new Set(["src"]));
    expect(await paths("!vendor", "!src", "!docs")).toEqual(new Set(["null"]));
  });
});

describe("a bound in time", () => {
  const now = Date.UTC(2024, 5, 15, 12) / 1_000;
  test.each([
    ["since", "2w", now - 14 * DAY],
    ["since", "3 months", now - 90 * DAY],
    ["since", "1 day ago", now - DAY],
    ["since", "36h", now - 1.5 * DAY],
    ["since", "2 Years", now - 730 * DAY],
    ["since", "2024-05-01", Date.UTC(2024, 4, 1) / 1_000],
    ["until", "2024-05-01", Date.UTC(2024, 4, 2) / 1_000 - 1],
    ["until", "2024-05-01T08:00:00+02:00", Date.UTC(2024, 4, 1, 6) / 1_000],
  ] as const)("%s %s", (bound, text, expected) => {
    expect(timeBound(bound, text, now)).toBe(expected);
  });
});
