import { describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { giveFeedback, readFeedback } from "../src/feedback/feedback.ts";
import { recordSearch } from "../src/feedback/searches.ts";
import type { SearchAnswer } from "../src/search/answer.ts";
import { openIndex } from "../src/search/open-index.ts";
import { thrown } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { manyPassages, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();

/** A project with an index, and what it answers. */
async function searched(): Promise<{
  project: TemporaryProject;
  ask: (query: string) => Promise<SearchAnswer>;
}> {
  const project = new TemporaryProject();
  await project.index(manyPassages(30), { engine });
  const ask = async (query: string): Promise<SearchAnswer> => {
    using index = await openIndex(project.root);
    return await index.ask(query, { engine });
  };
  return { project, ask };
}

describe("feedback", () => {
  test("keeps what was said of a result, with all that tells what it was said of", async () => {
    const { project, ask } = await searched();
    using _ = project;
    expect(readFeedback(project.root)).toEqual([]);
    const answer = await ask("word1 word2");
    recordSearch(project.root, answer);
    const third = answer.results[2];
    const said = giveFeedback(project.root, {
      result: third?.result ?? "",
      verdict: "no",
      note: "a test,\nnot the code \u001b[31m",
    });
    expect(said).toEqual({
      time: said.time,
      query: "word1 word2",
      verdict: "no",
      note: "a test,\nnot the code \u001b[31m",
      result: third?.result ?? "",
      passage: third?.id ?? "",
      kind: "code",
      source: third?.path ?? "",
      lines: [1, 10],
      rank: 3,
      generation: answer.generation,
      encoder: engine.encoderId,
    });
    giveFeedback(project.root, { result: third?.result ?? "", verdict: "yes" });
    expect(readFeedback(project.root).map(({ verdict }) => verdict)).toEqual(["no", "yes"]);
    expect(readFeedback(project.root)[0]).toEqual(said);
  });

  test("finds a result of an earlier search, and the newest of the same name", async () => {
    const { project, ask } = await searched();
    using _ = project;
    const first = await ask("word1 word2");
    recordSearch(project.root, first);
    recordSearch(project.root, await ask("word8"));
    recordSearch(project.root, { ...first, generation: "later" });
    const { result = "" } = first.results[0] ?? {};
    expect(giveFeedback(project.root, { result, verdict: "yes" }).generation).toBe("later");
  });

  test("is for the owner's eyes, and follows no link", async () => {
    const { project, ask } = await searched();
    using _ = project;
    const answer = await ask("word1");
    recordSearch(project.root, answer);
    giveFeedback(project.root, { result: answer.results[0]?.result ?? "", verdict: "yes" });
    for (const name of ["searches.jsonl", "feedback.jsonl"])
      expect(statSync(project.local(name)).mode & 0o777).toBe(0o600);
    rmSync(project.local("searches.jsonl"));
    symlinkSync("/tmp/elsewhere", project.local("searches.jsonl"));
    expect(thrown(() => recordSearch(project.root, answer)).code).toBe("IO");
  });

  test("refuses a result that no search had, and another verdict", async () => {
    const { project, ask } = await searched();
    using _ = project;
    const give = (result: string, verdict: "yes") =>
      thrown(() => giveFeedback(project.root, { result, verdict }));
    expect(give("00000000", "yes")).toMatchObject({ code: "INVALID_INPUT", details: { key: "00000000" } });
    const answer = await ask("word1");
    recordSearch(project.root, answer);
    expect(give("00000000", "yes").code).toBe("INVALID_INPUT");
    // What a caller without types may say.
    expect(give(answer.results[0]?.result ?? "", "maybe" as "yes").message).toContain("yes or no");
    expect(readFeedback(project.root)).toEqual([]);
  });

  test("names the line that nobody wrote", async () => {
    const { project, ask } = await searched();
    using _ = project;
    const answer = await ask("word1");
    recordSearch(project.root, answer);
    giveFeedback(project.root, { result: answer.results[0]?.result ?? "", verdict: "yes" });
    appendFileSync(project.local("feedback.jsonl"), '{"query": "half\n');
    expect(thrown(() => readFeedback(project.root))).toMatchObject({
      code: "INTEGRITY",
      details: { file: project.local("feedback.jsonl"), line: 2 },
    });
  });
});

describe("remembered searches", () => {
  test("do not grow without end, and the newest are there", async () => {
    const { project, ask } = await searched();
    using _ = project;
    const answer = await ask("word1");
    const long = { ...answer, query: `word1 ${"x".repeat(40_000)}` };
    for (let count = 0; count < 40; count++) recordSearch(project.root, long);
    const files = readdirSync(project.local()).filter((name) => name.startsWith("searches"));
    expect(files.sort()).toEqual(["searches.before.jsonl", "searches.jsonl"]);
    for (const name of files) expect(statSync(project.local(name)).size).toBeLessThan(600_000);
    expect(readFileSync(project.local("searches.jsonl"), "utf8")).toEndWith("\n");
    const { result = "" } = answer.results[0] ?? {};
    expect(giveFeedback(project.root, { result, verdict: "yes" }).query).toBe(long.query);
  });

  test("that found nothing are not remembered", async () => {
    const { project, ask } = await searched();
    using _ = project;
    recordSearch(project.root, { ...(await ask("word1")), results: [] });
    expect(readdirSync(project.local())).not.toContain("searches.jsonl");
  });
});
