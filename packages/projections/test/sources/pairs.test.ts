import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { isPatinaError, type PatinaError } from "@patina/core";
import { collectDocuments, type SourceDocument } from "../../src/sources/index.ts";
import { collect, recipeOf, TemporaryRepository } from "./repository.ts";

const FILE = ".patina/pairs.jsonl";

describe("pairs", () => {
  let repository: TemporaryRepository;
  beforeEach(() => {
    repository = new TemporaryRepository();
  });
  afterEach(() => repository.remove());

  const write = (...lines: (object | string)[]) =>
    repository.write(
      FILE,
      lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""),
    );
  const problem = async (): Promise<PatinaError> => {
    const error = await collect(repository.root).catch((reason: unknown) => reason);
    if (isPatinaError(error)) return error;
    throw new Error(`accepted, or failed otherwise: ${error}`);
  };
  const documents = (): Promise<SourceDocument[]> =>
    Array.fromAsync(collectDocuments({ root: repository.root, recipe: recipeOf() }));

  test("a line is a document: its question the title, its answer the text", async () => {
    write(
      {
        query: "How do we\n retry?",
        text: "With a growing pause.",
        path: "src/retry.ts",
        time: "2024-05-01",
        id: "a",
      },
      "",
      { query: "Who?", text: "Ada.", time: 1_700_000_000 },
    );
    const { passages, report } = await collect(repository.root);
    expect(passages).toMatchObject([
      {
        kind: "pair",
        path: "src/retry.ts",
        startLine: null,
        endLine: null,
        time: Date.UTC(2024, 4, 1) / 1000,
        title: "How do we retry?",
        text: "How do we retry?\nWith a growing pause.",
        bodyStart: "How do we retry?\n".length,
      },
      { path: FILE, startLine: 3, endLine: 3, time: 1_700_000_000, title: "Who?", text: "Who?\nAda." },
    ]);
    expect(report).toMatchObject({ pairs: 2, files: 0, passages: 2 });
    const [first, second] = await documents();
    expect(first?.source).toBe(`${FILE}#a`);
    expect(second?.source).toMatch(/^\.patina\/pairs\.jsonl#[0-9a-f]{12}$/);
  });

  test("a pair keeps its name and its fingerprint when others change, and gets another when it does", async () => {
    const retry = { query: "retry?", text: "pause", path: "src/retry.ts" };
    write(retry, { query: "who?", text: "Ada", id: "who" });
    const [before, who] = await documents();
    write({ query: "first?", text: "this" }, retry, { query: "who?", text: "Grace", id: "who" });
    const [, after, other] = await documents();
    expect(after?.source).toBe(before?.source as string);
    expect(other?.source).toBe(who?.source as string);
    expect(other?.fingerprint).not.toBe(who?.fingerprint as string);
    expect(after?.fingerprint).toBe(before?.fingerprint as string);
  });

  test("a tracked file of pairs is no code as well; a long answer is cut; secrets are redacted", async () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    write({
      query: `What is ${token}?`,
      text: `${"A sentence of an answer. ".repeat(30)}\n\n`.repeat(3) + token,
    });
    repository.commit("pairs");
    const { passages, report } = await collect(repository.root);
    expect(new Set(passages.map(({ kind }) => kind))).toEqual(new Set(["pair", "commit"]));
    const parts = passages.filter(({ kind }) => kind === "pair");
    expect(parts.length).toBeGreaterThan(2);
    for (const { text } of parts) expect(text).toStartWith("What is [redacted:github-token]?\n");
    for (const { text } of parts) expect(text).not.toContain("ghp_");
    expect(report.redactions).toBe(2);
    const tree = await collect(repository.root, recipeOf(), { at: "HEAD" });
    expect(tree.passages).toEqual(passages);
  });

  test("the recipe names other files; what is absent or empty is fine; what cannot be read is not", async () => {
    repository.write("faq/one.jsonl", `${JSON.stringify({ query: "q", text: "t" })}\n`);
    repository.write("faq/empty.jsonl", "");
    const recipe = recipeOf(
      "sources: { pairs: { files: [faq/one.jsonl, faq/empty.jsonl, faq/none.jsonl] } }",
    );
    expect((await collect(repository.root, recipe)).report.pairs).toBe(1);
    write({ query: "q", text: "t" });
    expect((await collect(repository.root, recipe)).report.pairs).toBe(1);
    symlinkSync("one.jsonl", join(repository.root, "faq/linked.jsonl"));
    const linked = recipeOf("sources: { pairs: { files: [faq/linked.jsonl] } }");
    await expect(collect(repository.root, linked)).rejects.toMatchObject({
      code: "IO",
      details: { file: "faq/linked.jsonl" },
    });
    for (const file of ["/etc/passwd", "../a", "a//b", "."]) {
      expect(() => recipeOf(`sources: { pairs: { files: [${JSON.stringify(file)}] } }`)).toThrow("relative");
    }
  });

  test.each([
    ["{query: 1}", "is no JSON"],
    ["[1]", "must be an object"],
    ['{"query": "q"}', '"text" is missing'],
    ['{"query": " ", "text": "t"}', '"query" must be a text'],
    ['{"query": "q", "text": 1}', '"text" must be a text'],
    ['{"query": "q", "txet": "t"}', 'did you mean "text"?'],
    ['{"query": "q", "text": "t", "time": "2024-02-30"}', '"time" must be a date'],
    ['{"query": "q", "text": "t", "time": 1.5}', '"time" must be a date'],
    ['{"query": "q", "text": "t", "id": "a b"}', '"id" must be at most 200'],
    ['{"query": "Good?", "text": "Yes."}', "is line 1 again"],
  ])("a bad line is named, with what is expected: %s", async (line, what) => {
    write({ query: "Good?", text: "Yes." }, line);
    const { code, message, details } = await problem();
    expect({ code, details }).toEqual({ code: "INVALID_INPUT", details: { file: FILE, line: 2 } });
    expect(message).toContain(`${FILE}:2: `);
    expect(message).toContain(what);
    expect(message).toContain('{"query": "...", "text": "..."}');
  });

  test("all bad lines are named, at most ten of them", async () => {
    write(...Array.from({ length: 14 }, (_, index) => (index === 3 ? { query: "q", text: "t" } : "no")));
    const { message } = await problem();
    expect(message.match(/pairs\.jsonl:\d+:/g)).toHaveLength(10);
    expect(message).toContain("… and 3 more");
    expect(message).not.toContain("jsonl:4:");
  });
});
