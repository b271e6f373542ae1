/** The figures of SEARCH.md are only worth what turns histories and files into queries, answers and rankings. */
import { afterAll, describe, expect, test } from "bun:test";
import { commitsAfter, splitAt } from "../../benchmarks/search/git-log.ts";
import { bestOver } from "../../benchmarks/search/grid.ts";
import { firstAndSecondHalf, historyQueries, withoutTrailers } from "../../benchmarks/search/history.ts";
import { ask, index } from "../../benchmarks/search/lists.ts";
import { filesByCommits, fused } from "../../benchmarks/search/rankings.ts";
import { setDocuments } from "../../benchmarks/search/set-documents.ts";
import { halves, parseJudgements } from "../../benchmarks/search/sets.ts";
import { openIndex } from "../../packages/projections/src/index.ts";
import { HashEngine } from "../../packages/projections/test/fixtures/hash-engine.ts";
import {
  documentOf,
  filesOf,
  passage,
  TemporaryProject,
} from "../../packages/projections/test/fixtures/passages.ts";
import { TemporaryRepository } from "../../packages/projections/test/sources/repository.ts";

describe("judgements", () => {
  test("are read by query", () => {
    const text = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td1\t2\n";
    expect(parseJudgements(text, "f")).toEqual(
      new Map([
        [
          "q1",
          new Map([
            ["d1", 1],
            ["d2", 0],
          ]),
        ],
        ["q2", new Map([["d1", 2]])],
      ]),
    );
  });

  test.each(["q1\td1", "q1\td1\tx", "q1\td1\t", "\td1\t1", "q1\td1\t1\tmore", "q1\td1\t0.5"])(
    "a line like %j is an error with its place",
    (line) => {
      expect(() => parseJudgements(`head\n${line}\n`, "test.tsv")).toThrow("test.tsv:2");
    },
  );

  test("halves share no query and lose none", () => {
    const ids = Array.from({ length: 200 }, (_, number) => `q${number}`);
    const texts = new Map(ids.map((id) => [id, `text of ${id}`]));
    const { validation, test } = halves({ texts, judgements: new Map(ids.map((id) => [id, new Map()])) });
    expect([...validation.texts.keys(), ...test.texts.keys()].sort()).toEqual(ids.sort());
    expect(Math.min(validation.texts.size, test.texts.size)).toBeGreaterThan(70);
    expect([...test.judgements.keys()]).toEqual([...test.texts.keys()]);
  });
});

describe("a history", () => {
  const commit = { hash: "a", message: "Fix the lexer\n\nIt lost a token.", paths: ["a.ts"], marks: [] };
  const findable = new Set(["a.ts", "b.ts"]);

  test("gives what a commit says as a query and the files that were there as answers", () => {
    const paths = ["new.ts", "b.ts", "a.ts"];
    const { texts, judgements, leftOut } = historyQueries([{ ...commit, paths }], findable);
    expect([...texts]).toEqual([["a", "Fix the lexer\n\nIt lost a token."]]);
    expect([...(judgements.get("a") ?? [])]).toEqual([
      ["b.ts", 1],
      ["a.ts", 1],
    ]);
    expect(Object.values(leftOut)).toEqual([0, 0, 0, 0, 0]);
  });

  test("leaves out what says nothing of its files, for one reason each", () => {
    const commits = [
      { ...commit, hash: "m", marks: ["merge" as const] },
      { ...commit, hash: "b", marks: ["bot" as const, "mass-rename" as const] },
      { ...commit, hash: "r", marks: ["mass-rename" as const] },
      { ...commit, hash: "w", message: "…\n\nSigned-off-by: A <a@b>" },
      { ...commit, hash: "n", paths: ["new.ts"] },
    ];
    const { texts, leftOut } = historyQueries(commits, findable);
    expect(texts.size).toBe(0);
    expect(leftOut).toEqual({ merge: 1, bot: 1, "mass-rename": 1, "no words": 1, "no answer": 1 });
  });

  test("is halved in its own order", () => {
    const commits = ["c", "a", "b"].map((hash) => ({ ...commit, hash }));
    const { validation, test } = firstAndSecondHalf(historyQueries(commits, findable));
    expect([...validation.texts.keys(), "|", ...test.judgements.keys()]).toEqual(["c", "a", "|", "b"]);
  });

  test.each([
    ["Subject", "Subject"],
    ["Subject\n\nBody: all of it\nand more", "Subject\n\nBody: all of it\nand more"],
    ["Subject\n\nBody\n\nSigned-off-by: A <a@b>\nCo-authored-by: C\n  and D\n", "Subject\n\nBody"],
    ["Subject\n\n(cherry picked from commit 1234)", "Subject"],
    ["fix: a subject that looks like a trailer", "fix: a subject that looks like a trailer"],
  ])("%j without trailers", (message, expected) => {
    expect(withoutTrailers(message)).toBe(expected);
  });

  describe("in git", () => {
    const repository = new TemporaryRepository();
    afterAll(() => repository.remove());

    test("is split where its share of commits is reached; later ones come oldest first, moves with both places", () => {
      const hashes = [1, 2, 3].map((number) => {
        repository.write("a b.txt", `${number}\nsome lines\nthat stay\n`);
        return repository.commit(`commit ${number}\n\nbody`);
      });
      repository.git("mv", "a b.txt", "ü.txt");
      const last = repository.commit("moved");
      const split = splitAt(repository.root, 0.5);
      expect(split).toEqual({ commit: hashes[1] as string, before: 2, all: 4, head: last });
      expect(commitsAfter(repository.root, split)).toEqual([
        { hash: hashes[2] as string, message: "commit 3\n\nbody", paths: ["a b.txt"] },
        { hash: last, message: "moved", paths: ["a b.txt", "ü.txt"] },
      ]);
    });

    test("a folder without git is an error that names it", () => {
      expect(() => splitAt("/", 0.5)).toThrow("git rev-parse failed in /");
    });
  });
});

describe("rankings", () => {
  test("fuse as the search does, whatever the weights", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    // Every text is another one: copies share a place in the search.
    const words = (seed: number) =>
      [seed, seed * 7, seed * 11, seed * seed].map((word) => `word${word % 29}`);
    const documents = new Map(
      Array.from({ length: 60 }, (_, number) => {
        return [`d${number}`, { title: "", text: `own${number} ${words(number).join(" ")}` }];
      }),
    );
    const place = { engine, root: project.root };
    await index(place, setDocuments({ documents }), "whole");
    const queries = new Map([["q", "word3 word8 word19"]]);
    const lists = (await ask(place, { queries, kinds: ["note"], passagesPerDocument: 1 })).get("q");
    using opened = await openIndex(project.root);
    for (const vectors of [0, 0.2, 0.5, 0.9, 1]) {
      const weights = { "full-text": 1 - vectors, vectors, history: 0 };
      const found = await opened.search(queries.get("q") ?? "", { engine, limit: 20, weights });
      const ranked = fused(
        [
          { ranking: lists?.["full-text"] ?? [], weight: 1 - vectors },
          { ranking: lists?.vectors ?? [], weight: vectors },
        ],
        10,
      );
      expect(ranked.slice(0, 20)).toEqual(found.map(({ path }) => path ?? ""));
    }
  });

  test("files voted for by commits come in as they do in the search", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    const words = (seed: number) =>
      `${[seed, seed * 7, seed * 11, seed * seed].map((word) => `word${word % 29}`).join(" ")} own${seed}`;
    const files = Array.from({ length: 40 }, (_, number) => passage(words(number), { path: `f${number}` }));
    const touched = new Map(
      Array.from({ length: 30 }, (_, number) => [
        String(number).padStart(40, "0"),
        [0, 3, 7]
          .slice(0, 1 + (number % 3))
          .map((step) => `f${(number * 13 + step) % 40}`)
          .sort(),
      ]),
    );
    const commits = [...touched].map(([hash, paths], number) => {
      const said = passage(words(number + 50), { kind: "commit", path: null, commit: hash });
      return documentOf(hash, [said], { kind: "commit", touched: paths });
    });
    await project.indexDocuments([...filesOf(files), ...commits], { engine });
    const query = "word3 word8 word19";
    const asked = { queries: new Map([["q", query]]), passagesPerDocument: 1 };
    const place = { engine, root: project.root };
    const byText = (await ask(place, { ...asked, kinds: ["code", "note"] })).get("q");
    const byCommits = (await ask(place, { ...asked, kinds: ["commit"] })).get("q");
    const both = (lists: typeof byText) => [
      { ranking: lists?.["full-text"] ?? [], weight: 1 },
      { ranking: lists?.vectors ?? [], weight: 1 },
    ];
    using opened = await openIndex(project.root);
    for (const history of [0, 0.5, 2]) {
      const weights = { "full-text": 1, vectors: 1, history };
      const filters = { kinds: ["code", "note"] as const };
      const found = await opened.search(query, { engine, limit: 20, weights, filters });
      const ranking = filesByCommits(fused(both(byCommits), 10), touched, { commits: 50, k: 10 });
      const expected = fused([...both(byText), { ranking, weight: history }], 10);
      expect(found.map(({ path }) => path ?? "")).toEqual([...expected.slice(0, 20)]);
    }
  });

  test("files are voted for by the best commits, less by those that touched many", () => {
    const touched = new Map([
      ["one", ["a"]],
      ["two", ["b", "c", "d", "e"]],
      ["three", ["c"]],
      ["four", ["z"]],
    ]);
    expect(filesByCommits(["one", "unknown", "two", "three", "four"], touched, { commits: 4, k: 0 })).toEqual(
      ["a", "c", "b", "d", "e"],
    );
  });

  test("the best way is the best on average, and only one that was tried everywhere", () => {
    const tried = (vectors: number, validation: number) => ({
      ...{ vectors, k: 60, passagesPerDocument: 1, validation, test: 0 },
    });
    const first = [tried(0, 0.9), tried(0.5, 0.6), tried(1, 0.2), tried(0.3, 1)];
    const second = [tried(0, 0.1), tried(0.5, 0.5), tried(1, 0.8)];
    expect(bestOver([first, second])).toEqual({ vectors: 0.5, k: 60, passagesPerDocument: 1 });
    expect(bestOver([first, second], ({ vectors }) => vectors !== 0.5).vectors).toBe(0);
    expect(() => bestOver([])).toThrow("no way was tried");
  });
});
