import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openIndex } from "../src/search/open-index.ts";
import type { SearchIndex } from "../src/search/search-index.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { filesOf, manyPassages, passage, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();

/** A small repository, and the index over it. */
class Repository implements AsyncDisposable {
  readonly project = new TemporaryProject();
  index!: SearchIndex;

  static async create(): Promise<Repository> {
    const repository = new Repository();
    await repository.project.index(
      [
        passage("export function unifyTypes(left: Type, right: Type): Type", { path: "src/types/solver.ts" }),
        passage("def unify_types(left, right): return merged", { path: "lib/inference.py" }),
        passage("open the socket and wait for the handshake", { path: "src/network/socket.ts" }),
        passage("a parser for HTTPServer settings", { path: "src/config.ts" }),
        passage("Wait longer before the socket is given up", {
          kind: "commit",
          path: null,
          commit: "c0ffee",
        }),
        passage("how the socket is opened, and why it waits", { kind: "note", path: "docs/network.md" }),
        passage("MIT License, as is, no warranty", { path: "a/LICENSE" }),
        passage("MIT License, as is, no warranty", { path: "b/LICENSE" }),
        passage("MIT License, as is, no warranty", { kind: "note", path: "docs/LICENSE.md" }),
        ...manyPassages(40),
      ],
      { engine },
    );
    repository.index = await openIndex(repository.project.root);
    return repository;
  }

  async paths(query: string, options: object = {}): Promise<(string | null)[]> {
    const results = await this.index.search(query, { engine, ...options });
    return results.map(({ path }) => path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.index.close();
    this.project[Symbol.dispose]();
  }
}

describe("a search", () => {
  test("scores by cosine, also with a model that does not normalise", async () => {
    using project = new TemporaryProject();
    const long = new HashEngine({ length: 7 });
    await project.index([passage("the river keeps its name"), ...manyPassages(5)], { engine: long });
    using index = await openIndex(project.root);
    const [best] = await index.search("the river keeps its name", { engine: long });
    expect(best?.why.find(({ list }) => list === "vectors")?.score).toBeCloseTo(1, 5);
  });

  test("says where a passage is, and what each list thought of it", async () => {
    await using repository = await Repository.create();
    const [best] = await repository.index.search("open the socket and wait for the handshake", { engine });
    expect(best).toMatchObject({
      ...passage("open the socket and wait for the handshake", { path: "src/network/socket.ts" }),
      why: [
        { list: "full-text", rank: 1 },
        { list: "vectors", rank: 1 },
      ],
    });
    // 1 / (10 + 1) from each list.
    expect(best?.score).toBeCloseTo(2 / 11, 12);
    expect(best?.why[1]?.score).toBeCloseTo(1, 5);
    expect(best?.why[0]?.score).toBeGreaterThan(0);
  });

  test("finds identifiers by their parts and by the whole", async () => {
    await using repository = await Repository.create();
    const fullText = async (query: string): Promise<(string | null)[]> => {
      const results = await repository.index.search(query, { engine });
      return results
        .filter(({ why }) => why.some(({ list }) => list === "full-text"))
        .map(({ path }) => path);
    };
    expect((await fullText("unify")).sort()).toEqual(["lib/inference.py", "src/types/solver.ts"]);
    expect((await fullText("unifyTypes"))[0]).toBe("src/types/solver.ts");
    expect((await fullText("unify_types"))[0]).toBe("lib/inference.py");
    expect((await fullText("UnifyTypes"))[0]).toBe("src/types/solver.ts");
    // In quotes it is the same text.
    expect((await fullText('"unify_types"'))[0]).toBe("lib/inference.py");
    expect(await fullText("server")).toEqual(["src/config.ts"]);
    expect(await fullText("HTTPServer")).toEqual(["src/config.ts"]);
    expect(await fullText("inference")).toEqual(["lib/inference.py"]);
  });

  test("keeps to the kinds asked for in both lists, and to the limit", async () => {
    await using repository = await Repository.create();
    const kinds = await repository.index.search("socket", { engine, filters: { kinds: ["commit", "note"] } });
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(["commit", "note", "note"]);
    expect(await repository.paths("socket", { filters: { kinds: ["commit"] } })).toEqual([null]);
    expect(await repository.paths("word1 word2 word3", { limit: 3 })).toHaveLength(3);
    expect(await repository.paths("word1", { limit: 1_000 })).toHaveLength(47);
  });

  test("gives a text once, in the place that the words name", async () => {
    await using repository = await Repository.create();
    const licence = async (query: string): Promise<(string | null)[]> =>
      (await repository.paths(query)).filter((path) => path?.includes("LICENSE"));
    expect(await licence("MIT License warranty")).toHaveLength(1);
    expect(await licence("warranty docs")).toEqual(["docs/LICENSE.md"]);
  });

  test("answers a query without a word by vectors alone", async () => {
    await using repository = await Repository.create();
    const results = await repository.index.search("?! … ()", { engine });
    expect(results).toHaveLength(10);
    for (const { why } of results) expect(why.map(({ list }) => list)).toEqual(["vectors"]);
  });

  test("gives the same results in the same order every time, with the ids of the passages", async () => {
    await using repository = await Repository.create();
    const ids = async (): Promise<string[]> =>
      (await repository.index.search("word5 word22", { engine, limit: 30 })).map(({ id }) => id);
    const first = await ids();
    expect(await ids()).toEqual(first);
    await repository.project.index(manyPassages(40), { engine });
    using again = await openIndex(repository.project.root);
    const later = await again.search("word5 word22", { engine, limit: 30 });
    expect(later.map(({ id }) => id).filter((id) => first.includes(id)).length).toBeGreaterThan(20);
  });

  test("takes every query as words, whatever operators it spells", async () => {
    await using repository = await Repository.create();
    const operator = fc.constantFrom(
      ...[
        '"',
        "'",
        "*",
        "^",
        ":",
        "(",
        ")",
        "{",
        "}",
        "+",
        "-",
        ",",
        ".",
        "\\",
        "\0",
        "\n",
        "--",
        ";",
        "/*",
        "%",
      ],
      ...[
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(a b, 2)",
        "text:",
        "kind:code",
        "{path title} :",
        "socket*",
        "^unify",
      ],
      ...["socket", "unifyTypes", "日本語", "é", "e\u0301", "ﬁ", "İ", "🙂", "\ud800", "_", "__", "a_b", "ª"],
    );
    const query = fc
      .oneof(
        fc.array(operator, { maxLength: 12 }).map((parts) => parts.join(" ")),
        fc.string({ unit: "binary" }),
      )
      .filter((text) => text.trim() !== "");
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        expect(await repository.index.search(text, { engine })).toHaveLength(10);
      }),
      { numRuns: 500 },
    );
  });

  test("takes a page of text as a query", async () => {
    await using repository = await Repository.create();
    const page = Array.from({ length: 5_000 }, (_, index) => `term${index}`).join(" ");
    expect(await repository.paths(`handshake ${page}`)).toContain("src/network/socket.ts");
  });

  test("refuses what it cannot act on", async () => {
    await using repository = await Repository.create();
    const invalid = async (query: string, options: object): Promise<void> => {
      const error = await failure(repository.index.search(query, { engine, ...options }));
      expect(error.code).toBe("INVALID_INPUT");
    };
    await invalid("  \n", {});
    await invalid("socket", { limit: 0 });
    await invalid("socket", { limit: 1.5 });
    await invalid("socket", { limit: 1_001 });
    await invalid("socket", { filters: { kinds: [] } });
    await invalid("socket", { filters: { kinds: ["codes"] } });
  });

  test("ends when it is closed or aborted", async () => {
    await using repository = await Repository.create();
    const aborted = repository.index.search("socket", { engine, signal: AbortSignal.abort() });
    expect(await failure(aborted)).toMatchObject({ code: "ABORTED" });
    repository.index.close();
    repository.index.close();
    expect(await failure(repository.index.search("socket", { engine }))).toMatchObject({ code: "CLOSED" });
  });
});

describe("an index and an engine that do not belong together", () => {
  test("another encoder of the same dimension is refused, with both models named", async () => {
    await using repository = await Repository.create();
    const other = new HashEngine({ encoderId: "f".repeat(64) });
    const error = await failure(repository.index.search("socket", { engine: other }));
    expect(error).toMatchObject({
      code: "INDEX_INCOMPATIBLE",
      details: { expected: "0".repeat(64), found: "f".repeat(64) },
    });
    expect(error.message).toContain("patina oxidize");
    expect(error.message).toContain("words");
  });

  test("another dimension or passage template is refused; the same template is not", async () => {
    await using repository = await Repository.create();
    const wider = new HashEngine({ dimension: 64 });
    const code = "INDEX_INCOMPATIBLE";
    expect(await failure(repository.index.search("socket", { engine: wider }))).toMatchObject({ code });
    const templated = repository.index.search("socket", { engine, passageTemplate: "passage: {text}" });
    expect(await failure(templated)).toMatchObject({ code });
    expect(await repository.paths("socket", { passageTemplate: null })).not.toEqual([]);
  });

  test("an index of cut vectors asks the engine for cut queries", async () => {
    using project = new TemporaryProject();
    await project.index(manyPassages(20), { engine, dimension: 16 });
    using index = await openIndex(project.root);
    const [first] = manyPassages(1);
    const [best] = await index.search(first?.text as string, { engine });
    expect(best?.id).toBe(first?.id as string);
    expect(best?.why.find(({ list }) => list === "vectors")?.score).toBeCloseTo(1, 5);
  });
});

describe("what was asked of the lists", () => {
  test("is the index's weights unless a search says otherwise", async () => {
    using project = new TemporaryProject();
    const weights = { "full-text": 3, vectors: 1, history: 0.5 };
    await project.index(manyPassages(20), { engine, weights });
    using index = await openIndex(project.root);
    expect(index.manifest.search).toEqual({ weights, from: "recipe" });
    const told = await index.ask("word1", { engine });
    expect(told).toMatchObject({ weights, weightsFrom: "recipe", lead: "full-text" });
    const other = { "full-text": 1, vectors: 1, history: 0 };
    const asked = await index.ask("word1", { engine, weights: other });
    expect(asked).toMatchObject({ weights: other, weightsFrom: "options", lead: null });
  });

  test("needs no model where vectors weigh nothing, and no words where full-text does", async () => {
    await using repository = await Repository.create();
    expect(repository.index.manifest.search.from).toBe("default");
    const { index } = repository;
    const text = await index.ask("socket", { weights: { "full-text": 1, vectors: 0, history: 0 } });
    expect(text.lists.map(({ list }) => list)).toEqual(["full-text"]);
    expect(text.lead).toBe("full-text");
    expect(text.results.map(({ path }) => path)).toContain("src/network/socket.ts");
    const near = await index.ask("socket", { engine, weights: { "full-text": 0, vectors: 1, history: 0 } });
    expect(near.lists.map(({ list }) => list)).toEqual(["vectors"]);
    expect(near.words).toBeNull();
    const error = await failure(index.ask("socket"));
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect(error.message).toContain("engine");
  });

  test("comes with the words, the lists and the time of each stage", async () => {
    await using repository = await Repository.create();
    const answer = await repository.index.ask("socket unheard", { engine });
    expect(answer.words).toEqual({ sought: ["socket"], common: [], left: ["unheard"] });
    expect(answer.lists[0]).toEqual({ list: "full-text", passages: 3, documents: 3 });
    expect(Object.keys(answer.timings)).toEqual([
      "filters",
      "embedding",
      "full-text",
      "vectors",
      "history",
      "fusion",
    ]);
    expect(answer.generation).toBe(repository.index.manifest.id);
    expect(answer.filtered).toBeNull();
  });
});

describe("a document", () => {
  const many = (path: string, count: number, text: string) =>
    Array.from({ length: count }, (_, at) =>
      passage(`${text} part${at}`, { path, startLine: at * 10 + 1, endLine: at * 10 + 10 }),
    );

  test("is found once, with its best passage and up to three others", async () => {
    using project = new TemporaryProject();
    const small = passage("anchor", { path: "src/small.ts" });
    const documents = filesOf([...many("src/big.ts", 30, "anchor chain"), small, ...manyPassages(9)]);
    await project.indexDocuments(documents, { engine });
    using index = await openIndex(project.root);
    const results = await index.search("anchor chain part7", { engine });
    expect(results.slice(0, 2).map(({ path }) => path)).toEqual(["src/big.ts", "src/small.ts"]);
    expect(results[0]?.startLine).toBe(71);
    expect(results[0]?.further).toHaveLength(3);
    expect(new Set(results.map(({ path }) => path)).size).toBe(results.length);
  });

  test("that has more matching passages than a list gives does not hide the others", async () => {
    using project = new TemporaryProject();
    const last = passage("an anchor of iron in the sea", { path: "src/last.ts" });
    await project.indexDocuments(filesOf([...many("src/huge.ts", 400, "anchor anchor"), last]), { engine });
    using index = await openIndex(project.root);
    const text = { weights: { "full-text": 1, vectors: 0, history: 0 } };
    expect((await index.search("anchor", text)).map(({ path }) => path)).toEqual([
      "src/huge.ts",
      "src/last.ts",
    ]);
  });

  test("with the text of another one is named beside it", async () => {
    await using repository = await Repository.create();
    const [first] = await repository.index.search("MIT License warranty", { engine });
    expect([first?.path, ...(first?.alsoIn ?? [])].sort()).toEqual([
      "a/LICENSE",
      "b/LICENSE",
      "docs/LICENSE.md",
    ]);
  });

  test("has a name that depends on the query and the passage alone", async () => {
    await using repository = await Repository.create();
    const name = async (query: string, options: object = {}): Promise<string | undefined> =>
      (await repository.index.search(query, { engine, limit: 30, ...options })).find(
        ({ path }) => path === "src/network/socket.ts",
      )?.result;
    const first = await name("socket handshake");
    expect(first).toMatch(/^[0-9a-f]{8}$/);
    expect(await name("socket handshake", { filters: { kinds: ["code"] } })).toBe(first);
    expect(await name("socket")).not.toBe(first);
  });
});
