import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { SearchAnswer } from "../src/search/answer.ts";
import { commitVotes } from "../src/search/commit-votes.ts";
import { openIndex } from "../src/search/open-index.ts";
import type { SearchOptions } from "../src/search/options.ts";
import type { SearchIndex } from "../src/search/search-index.ts";
import type { SourceDocument } from "../src/sources/document.ts";
import type { Passage } from "../src/sources/passage.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { documentOf, filesOf, manyPassages, passage, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();
const DAY = 86_400;
const BEGIN = Date.UTC(2024, 0, 1) / 1_000;
/** History beside full-text: what vectors make of words that are not there is chance. */
const WITH = { "full-text": 1, vectors: 0, history: 0.5 };
const WITHOUT = { ...WITH, history: 0 };

/** A commit on its n-th day that says `text` and touched these paths. */
function commit(
  day: number,
  text: string,
  touched: readonly string[],
  rest: Partial<Passage> = {},
): SourceDocument {
  const hash = String(day).padStart(40, "0");
  const said = { kind: "commit", path: null, commit: hash, time: BEGIN + day * DAY, ...rest } as const;
  return documentOf(hash, [passage(text, said)], { kind: "commit", touched });
}

describe("files by the commits that a query finds", () => {
  const project = new TemporaryProject();
  let index: SearchIndex;
  const ask = (query: string, options: SearchOptions = {}): Promise<SearchAnswer> =>
    index.ask(query, { weights: WITH, ...options });
  const paths = ({ results }: SearchAnswer): (string | null)[] => results.map(({ path }) => path);

  beforeAll(async () => {
    const lines = (path: string, startLine: number, text: string) =>
      passage(text, { path, startLine, endLine: startLine + 9 });
    await project.indexDocuments(
      [
        ...filesOf([
          lines("src/lexer.ts", 1, "// licence\nfirst"),
          lines("src/lexer.ts", 11, "scan a token"),
          lines("src/printer.ts", 1, "// licence\nfirst"),
          passage("the grammar of the language", { kind: "note", path: "docs/grammar.md" }),
          ...manyPassages(30),
        ]),
        commit(1, "Repair whitespace handling", ["src/lexer.ts", "src/gone.ts"], { author: "Ada" }),
        commit(2, "Whitespace in the output, with whitespace around it", [
          "src/printer.ts",
          "docs/grammar.md",
        ]),
        commit(3, "Merge whitespace branches", ["src/part-1/file-1.ts"], { marks: ["merge"] }),
        commit(4, "Update whitespace", ["src/part-2/file-2.ts"], { marks: ["bot"] }),
        commit(5, "Move whitespace", ["src/part-3/file-3.ts"], { marks: ["mass-rename"] }),
        commit(6, "Something else", ["src/part-4/file-4.ts"], { author: "Grace" }),
      ],
      { engine },
    );
    index = await openIndex(project.root);
  });
  afterAll(() => {
    index.close();
    project[Symbol.dispose]();
  });

  test("are found without a word of the query in them, and only by history", async () => {
    const code = { filters: { kinds: ["code", "note"] } } as const;
    expect((await ask("whitespace", { ...code, weights: WITHOUT })).results).toEqual([]);
    const answer = await ask("whitespace", code);
    expect(paths(answer).sort()).toEqual(["docs/grammar.md", "src/lexer.ts", "src/printer.ts"]);
    for (const { why } of answer.results) expect(why.map(({ list }) => list)).toEqual(["history"]);
    expect(answer.lists.at(-1)).toEqual({ list: "history", passages: 0, documents: 3 });
  });

  test("get the place of the commit, less where it touched several", async () => {
    const votes = (answer: SearchAnswer) =>
      answer.results.flatMap(({ path, why }) =>
        why.filter(({ list }) => list === "history").map(({ rank, score }) => [path, rank, score]),
      );
    const found = await ask("whitespace output", { k: 10 });
    // The commit that says both comes first and touched two files that are there; the other one touched one.
    const [first, second] = [1 / (11 * Math.sqrt(2)), 1 / 12];
    expect(votes(found)).toEqual([
      ["src/lexer.ts", 1, second],
      ["docs/grammar.md", 2, first],
      ["src/printer.ts", 3, first],
    ]);
  });

  test("are shown by their first passage, or by the best that another list found", async () => {
    const alone = (await ask("whitespace")).results.find(({ path }) => path === "src/lexer.ts");
    expect([alone?.startLine, alone?.further, alone?.alsoIn]).toEqual([1, [], []]);
    const both = (await ask("whitespace token")).results.find(({ path }) => path === "src/lexer.ts");
    expect([both?.startLine, both?.why.map(({ list }) => list)]).toEqual([11, ["full-text", "history"]]);
  });

  test("obey a filter by author and time in the commits, by kind and path in the files", async () => {
    const filtered = async (filters: SearchOptions["filters"]) =>
      paths(await ask("whitespace", { filters })).filter((path) => path !== null);
    expect(await filtered({ author: "ada" })).toEqual(["src/lexer.ts"]);
    expect(await filtered({ author: "grace" })).toEqual([]);
    expect((await filtered({ since: BEGIN + 2 * DAY })).sort()).toEqual([
      "docs/grammar.md",
      "src/printer.ts",
    ]);
    expect(await filtered({ until: BEGIN + DAY })).toEqual(["src/lexer.ts"]);
    expect(await filtered({ kinds: ["note"] })).toEqual(["docs/grammar.md"]);
    expect(await filtered({ paths: ["src/", "!src/printer.ts"] })).toEqual(["src/lexer.ts"]);
    expect(await filtered({ author: "ada", kinds: ["note"] })).toEqual([]);
  });

  test("are not asked for where no file is wanted, or history weighs nothing", async () => {
    const lists = async (options: SearchOptions) =>
      (await ask("whitespace", options)).lists.map(({ list }) => list);
    expect(await lists({})).toEqual(["full-text", "history"]);
    expect(await lists({ filters: { kinds: ["commit", "pair"] } })).toEqual(["full-text"]);
    expect(await lists({ weights: WITHOUT })).toEqual(["full-text"]);
    const like = await index.like({ path: "src/lexer.ts" }, { engine });
    expect(like.lists.map(({ list }) => list)).toEqual(["full-text", "vectors"]);
  });

  test("count half of what a list counts by default, and alone are no search", async () => {
    expect(index.manifest.search).toEqual({
      weights: { "full-text": 1, vectors: 1, history: 0.5 },
      from: "default",
    });
    const alone = ask("whitespace", { weights: { "full-text": 0, vectors: 0, history: 1 } });
    expect(await failure(alone)).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("come by vectors as well", async () => {
    const answer = await ask("repair whitespace handling", {
      engine,
      weights: { "full-text": 0, vectors: 1, history: 100 },
    });
    expect(answer.results[0]?.path).toBe("src/lexer.ts");
    expect(answer.words).toBeNull();
  });
});

describe("votes of commits", () => {
  const anyTouched = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), {
    maxLength: 8,
  });

  test("are 1 / (k + place), divided by the root of the files, added up", () => {
    // By hand, with k = 0: a 1, c 1/(2·2) + 1/3, b and d 1/(2·2).
    const votes = commitVotes([["a"], ["b", "c", "d", "e"], ["c"]], 0);
    expect(votes.map(([file]) => file)).toEqual(["a", "c", "b", "d", "e"]);
    expect(votes.map(([, vote]) => vote)).toEqual([1, 1 / 4 + 1 / 3, 1 / 4, 1 / 4, 1 / 4]);
  });

  test("never rank a file lower for one more commit that touched it alone", () => {
    fc.assert(
      fc.property(anyTouched, fc.integer({ min: 0, max: 9 }), fc.nat(60), (touched, file, k) => {
        const place = (all: number[][]): number => {
          const at = commitVotes(all, k).findIndex(([one]) => one === file);
          return at < 0 ? Number.POSITIVE_INFINITY : at;
        };
        expect(place([...touched, [file]])).toBeLessThanOrEqual(place(touched));
      }),
    );
  });
});
