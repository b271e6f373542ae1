import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readManifest } from "../src/generation/manifest.ts";
import { openVectors } from "../src/generation/vector-codes.ts";
import { openFullText } from "../src/generation/verify.ts";
import { FullTextList } from "../src/search/full-text.ts";
import { openIndex } from "../src/search/open-index.ts";
import type { SourceDocument } from "../src/sources/document.ts";
import type { Passage } from "../src/sources/passage.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { documentOf, manyPassages, passage, TemporaryProject } from "./fixtures/passages.ts";

/** A file whose passages have their path as a header above these bodies. */
function file(
  path: string,
  bodies: readonly string[],
  rest: Parameters<typeof documentOf>[2] = {},
): SourceDocument {
  const header = `${path}\n`;
  return documentOf(
    path,
    bodies.map((body, ordinal) =>
      passage(header + body, {
        path,
        startLine: ordinal + 1,
        bodyStart: header.length,
        kind: rest.kind ?? "code",
      }),
    ),
    rest,
  );
}

/** Everything a generation knows, whatever rows it has it in. */
function contentOf(project: TemporaryProject, generation: string) {
  const directory = project.local("generations", generation);
  const manifest = readManifest(directory);
  const { counts, documentsDigest } = manifest;
  // Gives a vector only where its codes are those that it would get anew.
  using vectors = openVectors(directory, manifest);
  using documents = new Database(join(directory, "documents.sqlite"), { readonly: true });
  const passages = documents
    .query<{ row: number; first_row: number; id: string; source: string; ordinal: number; text: string }, []>(
      `SELECT row, first_row, passages.id, source, ordinal, text, vectors.truncated
       FROM passages JOIN documents ON documents.id = document JOIN vectors USING (row)`,
    )
    .all();
  const idOf = new Map(passages.map(({ row, id }) => [row, id]));
  const words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
  using fullTextIndex = openFullText(directory, manifest);
  const fullText = new FullTextList(fullTextIndex);
  const free = documents.query<{ row: number }, []>("SELECT row FROM free_rows").all();
  return {
    documentsDigest,
    counts: { ...counts, rows: counts.rows - free.length },
    freeRowsAreEmpty: free.every(({ row }) => vectors.vector(row - 1).every((value) => value === 0)),
    touched: documents
      .query(
        "SELECT source, path FROM touched JOIN documents ON documents.id = document ORDER BY source, path",
      )
      .all(),
    outcomes: documents
      .query("SELECT kind, source, fingerprint, outcome FROM documents ORDER BY source")
      .all(),
    passages: passages
      .map(({ row, first_row, ...stored }) => ({
        ...stored,
        textOfFirst: passages.find((one) => one.row === first_row)?.text,
        isFirst:
          row === Math.min(...passages.filter((one) => one.text === stored.text).map((one) => one.row)),
        pointsAtFirst: row === first_row,
        vector: [...vectors.vector(row - 1)],
      }))
      .map(({ isFirst, pointsAtFirst, ...rest }) => ({ ...rest, firstRowIsRight: isFirst === pointsAtFirst }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    found: words.map((word) =>
      fullText
        .find([word], null, 1_000)
        .map(({ row, score }) => [idOf.get(row), score.toFixed(9)] as const)
        .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    ),
  };
}

const bodies = fc.array(
  fc
    .array(fc.constantFrom("alpha", "beta", "gamma", "delta", "epsilon", "zeta"), {
      minLength: 1,
      maxLength: 4,
    })
    .map((words) => words.join(" ")),
  { maxLength: 4 },
);
const state = fc.dictionary(fc.constantFrom("a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "f.ts"), bodies, {
  noNullPrototype: true,
});

test("whatever changed in whatever order, a generation holds what a whole one of the same documents holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(state, { minLength: 2, maxLength: 5 }), async (states) => {
      using project = new TemporaryProject();
      using fresh = new TemporaryProject();
      const documents = (files: Record<string, string[]>): SourceDocument[] => [
        file("always.md", ["omega"], { kind: "note" }),
        ...Object.entries(files).map(([path, texts]) =>
          // Renames would keep vectors of another text; here every path is a kind of its own in its words.
          file(
            path,
            texts.map((text) => `${path[0]}path ${text}`),
            { touched: texts.slice(0, 2) },
          ),
        ),
      ];
      let generation = "";
      for (const files of states) {
        ({ generation } = await project.indexDocuments(documents(files), { engine: new HashEngine() }));
      }
      const whole = await fresh.indexDocuments(documents(states.at(-1) ?? {}), { engine: new HashEngine() });
      expect(whole.whole).toBe("nothing was indexed before");
      expect(contentOf(project, generation)).toEqual(contentOf(fresh, whole.generation));
    }),
    { numRuns: 15 },
  );
}, 120_000);

describe("a second run", () => {
  const many = (count: number): SourceDocument[] =>
    manyPassages(count).map((one, number) => documentOf(`file-${number}.ts`, [one]));

  test("reads what changed and nothing else, and embeds the passages of it that are new", async () => {
    using project = new TemporaryProject();
    await project.indexDocuments([...many(30), file("a.ts", ["one", "two", "three"])], {
      engine: new HashEngine(),
    });
    const read: string[] = [];
    const engine = new HashEngine();
    const noting = [...many(30), file("a.ts", ["one", "changed", "three"])].map((document) => ({
      ...document,
      read: () => {
        read.push(document.source);
        return document.read();
      },
    }));
    const report = await project.indexDocuments(noting, { engine });
    expect(read).toEqual(["a.ts"]);
    expect(engine.embedded).toEqual(["a.ts\nchanged"]);
    expect(report).toMatchObject({
      whole: null,
      ...{ documents: { read: 1, kept: 30, removed: 0 }, passages: 33, embedded: 1, moved: 0, fromCache: 32 },
    });
  });

  test("lets what is gone vanish from both lists", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    await project.indexDocuments([...many(30), file("gone.ts", ["kangaroo"])], { engine });
    const report = await project.indexDocuments(many(30), { engine });
    expect(report).toMatchObject({ whole: null, documents: { read: 0, kept: 30, removed: 1 }, passages: 30 });
    using index = await openIndex(project.root);
    const found = await index.search("kangaroo", { engine, limit: 1_000 });
    expect(found).toHaveLength(30);
    expect(found.filter(({ path }) => path === "gone.ts")).toEqual([]);
  });

  test("reads nothing at all with the same documents, and copies nothing", async () => {
    using project = new TemporaryProject();
    const first = await project.indexDocuments(many(5), { engine: new HashEngine() });
    const unreadable = many(5).map((document) => ({
      ...document,
      read: () => Promise.reject(new Error("it was read")),
    }));
    const second = await project.indexDocuments(unreadable, { engine: new HashEngine() });
    expect(second).toMatchObject({ unchanged: true, generation: first.generation });
  });

  test("reads a document again whose remembered fingerprint is another, and keeps it where nothing came of it", async () => {
    using project = new TemporaryProject();
    let tries = 0;
    const failing: SourceDocument = {
      ...{ kind: "code", source: "locked.ts", fingerprint: "content" },
      async read() {
        tries++;
        const outcome = { kind: "unreadable", reason: "EACCES" } as const;
        return { fingerprint: "unreadable", outcome, passages: [], touched: [] };
      },
    };
    const engine = new HashEngine();
    await project.indexDocuments([...many(3), failing], { engine });
    const second = await project.indexDocuments([...many(3), failing], { engine });
    expect(tries).toBe(2);
    expect(second.unchanged).toBe(true);
    const readable = file("locked.ts", ["open now"]);
    const third = await project.indexDocuments([...many(3), readable], { engine });
    expect(third).toMatchObject({ unchanged: false, documents: { read: 1, kept: 3, removed: 0 } });
  });

  test("is built whole where free rows would be more than a fifth, without reading what is unchanged", async () => {
    using project = new TemporaryProject();
    await project.indexDocuments(many(220), { engine: new HashEngine() });
    const engine = new HashEngine();
    const some = await project.indexDocuments(many(200), { engine });
    expect(readManifest(project.local("generations", some.generation)).counts).toMatchObject({ rows: 220 });
    const report = await project.indexDocuments(many(100), { engine });
    expect(report).toMatchObject({
      whole: "too many of its rows were free",
      ...{ documents: { read: 0, kept: 100, removed: 100 }, embedded: 0, fromCache: 100 },
    });
    expect(readManifest(project.local("generations", report.generation)).counts).toMatchObject({ rows: 100 });
    expect(engine.embedded).toEqual([]);
    using fresh = new TemporaryProject();
    const whole = await fresh.indexDocuments(many(100), { engine });
    expect(contentOf(project, report.generation)).toEqual(contentOf(fresh, whole.generation));
    using index = await openIndex(project.root);
    const [text] = manyPassages(1) as [Passage];
    expect((await index.search(text.text, { engine }))[0]?.id).toBe(text.id);
  });
});

describe("a renamed file", () => {
  const others = manyPassages(120).map((one, number) => documentOf(`file-${number}.ts`, [one]));
  const index = async (project: TemporaryProject, document: SourceDocument, options: object = {}) => {
    const engine = new HashEngine();
    const report = await project.indexDocuments([...others, document], { engine, ...options });
    return { report, embedded: engine.embedded, content: contentOf(project, report.generation) };
  };
  const vectorOf = ({ content }: Awaited<ReturnType<typeof index>>, text: string) =>
    content.passages.find((one) => one.text === text)?.vector;

  test("keeps its vectors, run after run, until all is built anew", async () => {
    using project = new TemporaryProject();
    const before = await index(project, file("old.ts", ["one body", "another body"]));
    const after = await index(project, file("new.ts", ["one body", "another body"]));
    expect(after.report).toMatchObject({ embedded: 0, moved: 2, fromCache: 120, whole: null });
    expect(vectorOf(after, "new.ts\none body")).toEqual(vectorOf(before, "old.ts\none body") as number[]);

    const edited = await index(project, file("new.ts", ["one body", "edited body"]));
    expect(edited.embedded).toEqual(["new.ts\nedited body"]);
    expect(vectorOf(edited, "new.ts\none body")).toEqual(vectorOf(before, "old.ts\none body") as number[]);

    const full = await index(project, file("new.ts", ["one body", "edited body"]), { full: true });
    expect(full.report).toMatchObject({
      moved: 0,
      embedded: 1,
      whole: "that was asked for",
      unchanged: false,
    });
    expect(full.embedded).toEqual(["new.ts\none body"]);
    const { vector } = await new HashEngine().embedPassage("new.ts\none body");
    expect(vectorOf(full, "new.ts\none body")).toEqual([...vector]);
  });

  test("gets vectors of its own for another body, another kind, or where its text was embedded before", async () => {
    using project = new TemporaryProject();
    await index(project, file("old.ts", ["one body"]));
    const kind = await index(project, file("new.ts", ["one body"], { kind: "note" }));
    expect(kind.report).toMatchObject({ moved: 0, embedded: 1 });
    const body = await index(project, file("newer.ts", ["one Body"], { kind: "note" }));
    expect(body.report).toMatchObject({ moved: 0, embedded: 1 });
    const back = await index(project, file("old.ts", ["one body"]));
    expect(back.report).toMatchObject({ moved: 0, embedded: 0, fromCache: 121 });
  });

  test("keeps them through a cache that is lost, and through the writing anew of too many free rows", async () => {
    using project = new TemporaryProject();
    const before = await index(project, file("old.ts", ["one body"]));
    await index(project, file("new.ts", ["one body"]));
    for (const suffix of ["", "-wal", "-shm"])
      rmSync(project.local(`cache.sqlite${suffix}`), { force: true });
    const engine = new HashEngine();
    const { generation, whole } = await project.indexDocuments(
      [...others.slice(0, 5), file("new.ts", ["one body"])],
      { engine },
    );
    expect(whole).toBe("too many of its rows were free");
    expect(engine.embedded).toEqual([]);
    const content = contentOf(project, generation);
    const kept = content.passages.find(({ text }) => text === "new.ts\none body")?.vector;
    expect(kept).toEqual(vectorOf(before, "old.ts\none body") as number[]);
  });
});

describe("a generation is built whole, and says why", () => {
  const cases: readonly [string, object, string][] = [
    [
      "another encoder",
      { engine: new HashEngine({ encoderId: "1".repeat(64) }) },
      "the encoder is another one",
    ],
    ["another dimension", { dimension: 16 }, "the dimension of the index is another one"],
    ["another template", { passageTemplate: "passage: {text}" }, "the passage template is another one"],
    ["another way to cut", { cutting: "definitions" }, "the way to cut passages is another one"],
    ["--full", { full: true }, "that was asked for"],
  ];
  test.each(cases)("%s", async (_, options, whole) => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    const first = await project.index(manyPassages(3), { engine });
    expect(first.whole).toBe("nothing was indexed before");
    const second = await project.index(manyPassages(3), { engine, ...options });
    expect(second).toMatchObject({ unchanged: false, whole });
    expect(readManifest(project.local("generations", second.generation)).previous).toBe(first.generation);
  });

  test("but not where only what is recorded is another", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    await project.index(manyPassages(3), { engine });
    const second = await project.index(manyPassages(3), { engine, queryTemplate: "query: {text}" });
    expect(second).toMatchObject({
      unchanged: false,
      whole: null,
      documents: { read: 0, kept: 3, removed: 0 },
    });
  });
});
