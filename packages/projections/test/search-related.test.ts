import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { logLikelihoodRatio } from "../src/search/co-change.ts";
import { openIndex } from "../src/search/open-index.ts";
import { parsePlace, placeName } from "../src/search/place-text.ts";
import type { SearchIndex } from "../src/search/search-index.ts";
import type { CommitMark } from "../src/sources/passage.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { documentOf, filesOf, passage, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();

let hashes = 0;
const commit = (message: string, touched: string[], marks: CommitMark[] = []) => {
  const hash = String(hashes++).padStart(40, "c");
  const text = `${message}\nfiles (${touched.length}):\n${touched.join("\n")}`;
  const one = passage(text, { kind: "commit", path: null, commit: hash, title: message, marks });
  return documentOf(hash, [one], { kind: "commit", touched });
};

const SOLVER = "export function solve(equation) { return root(equation) }";
const files = {
  "src/solver.ts": SOLVER,
  "src/solver-table.ts": "export const table = [1, 2, 3]",
  "src/roots.ts": "export function root(equation) { return equation.solve().root }",
  "src/paint.ts": "export function mix(red, blue) { return violet }",
  "docs/solver.md": "How src/solver.ts finds a root, and why.",
  "docs/paint.md": "Mixing colours by the book.",
};

describe("what belongs with a file", () => {
  const project = new TemporaryProject();
  let index: SearchIndex;
  const lists = (path: string, list: string): (string | null)[] =>
    index
      .related(path)
      .results.map(({ path: found, commit, why }) => ({
        source: found ?? commit,
        vote: why.find((vote) => vote.list === list),
      }))
      .filter(({ vote }) => vote !== undefined)
      .sort((a, b) => (a.vote?.rank ?? 0) - (b.vote?.rank ?? 0))
      .map(({ source }) => source);

  beforeAll(async () => {
    const passages = Object.entries(files).map(([path, text]) =>
      passage(text, { path, kind: path.endsWith(".md") ? "note" : "code" }),
    );
    await project.indexDocuments(
      [
        ...filesOf(passages),
        commit("Solve quicker", ["src/solver.ts", "src/solver-table.ts"]),
        commit("Solve more", ["src/solver.ts", "src/solver-table.ts", "src/gone.ts"]),
        commit("Solve all", ["src/solver.ts", "src/solver-table.ts", "src/gone.ts"]),
        commit("Once", ["src/solver.ts", "docs/paint.md"]),
        commit("Merge", ["src/solver.ts", "src/paint.ts"], ["merge"]),
        commit("Merge again", ["src/solver.ts", "src/paint.ts"], ["merge"]),
        commit("Move all", ["src/solver.ts", "src/paint.ts"], ["mass-rename"]),
        ...Array.from({ length: 20 }, (_, at) => commit(`Paint ${at}`, ["src/paint.ts", "docs/paint.md"])),
      ],
      { engine },
    );
    index = await openIndex(project.root);
  });
  afterAll(() => {
    index.close();
    project[Symbol.dispose]();
  });

  test("is what was changed together with it, without merges, renames and what happened once", () => {
    // src/gone.ts has nothing to show any more.
    expect(lists("src/solver.ts", "co-change")).toEqual(["src/solver-table.ts"]);
    expect(lists("src/paint.ts", "co-change")).toEqual(["docs/paint.md"]);
    const [table] = index
      .related("src/solver.ts")
      .results.filter(({ path }) => path === "src/solver-table.ts");
    // 24 commits count: three touched both, one only the solver, none only the table.
    expect(table?.why.find(({ list }) => list === "co-change")?.score).toBeCloseTo(
      logLikelihoodRatio(3, 1, 0, 20),
      10,
    );
  });

  test("is what names it, in commits and notes", () => {
    const names = lists("src/solver.ts", "mentions");
    expect(names).toContain("docs/solver.md");
    expect(names).toHaveLength(8);
    expect(names).not.toContain("src/roots.ts");
  });

  test("is what is near to it, never the file itself", () => {
    const near = lists("src/solver.ts", "vectors");
    expect(near.slice(0, 3)).toContain("src/roots.ts");
    expect(near).not.toContain("src/solver.ts");
    expect(index.related("src/solver.ts").query).toBe("file src/solver.ts");
  });

  test("keeps to filters, weights and the limit", () => {
    const { results } = index.related("src/solver.ts", { filters: { kinds: ["code"] }, limit: 2 });
    expect(results).toHaveLength(2);
    for (const { kind, why } of results) {
      expect(kind).toBe("code");
      expect(why.map(({ list }) => list)).not.toContain("mentions");
    }
    const weights = { vectors: 0, "co-change": 1, mentions: 0 };
    const changed = index.related("src/solver.ts", { weights });
    expect(changed.results.map(({ path }) => path)).toEqual(["src/solver-table.ts"]);
    expect(changed).toMatchObject({ lead: "co-change", weightsFrom: "options" });
  });

  test("answers for a file that has gone by what was changed with it", () => {
    expect(lists("src/gone.ts", "co-change")).toEqual(["src/solver-table.ts", "src/solver.ts"]);
  });

  test("is refused for a file that nothing knows", () => {
    expect(() => index.related("src/nowhere.ts")).toThrow("src/nowhere.ts is not in the index");
  });
});

test("the log-likelihood ratio is that of Mahout's own tests", () => {
  // org.apache.mahout.math.stats.LogLikelihoodTest, to the digits given there.
  expect(logLikelihoodRatio(1, 0, 0, 1)).toBeCloseTo(2.772589, 6);
  expect(logLikelihoodRatio(10, 0, 0, 10)).toBeCloseTo(27.72589, 5);
  expect(logLikelihoodRatio(5, 1995, 0, 100_000)).toBeCloseTo(39.33052, 5);
  expect(logLikelihoodRatio(1000, 1995, 1000, 100_000)).toBeCloseTo(4730.737, 3);
  expect(logLikelihoodRatio(1000, 1000, 1000, 100_000)).toBeCloseTo(5734.343, 3);
  expect(logLikelihoodRatio(1000, 1000, 1000, 99_000)).toBeCloseTo(5714.932, 3);
  expect(logLikelihoodRatio(2, 4, 3, 6)).toBeCloseTo(0, 10);
});

test("rows that are free after a change are never found", async () => {
  using project = new TemporaryProject();
  const texts = ["open the socket", "open the door", "close the socket", "paint the door", "a soup"];
  const all = texts.map((text, at) => passage(text, { path: `src/file-${at}.ts` }));
  const others = Array.from({ length: 30 }, (_, at) => passage(`word${at}`, { path: `src/other-${at}.ts` }));
  await project.indexDocuments(filesOf([...all, ...others]), { engine });
  // Few enough that the generation is changed and not written anew.
  await project.indexDocuments(filesOf([...all.slice(2), ...others]), { engine });
  using index = await openIndex(project.root);
  expect(index.manifest.counts.rows).toBeGreaterThan(index.manifest.counts.passages);
  const related = index.related("src/file-2.ts", { limit: 100 }).results.map(({ path }) => path);
  expect(related).toHaveLength(32);
  const asked = await index.search("open the socket", { engine, limit: 100, filters: { paths: ["src/"] } });
  expect(asked).toHaveLength(33);
  expect(await index.search("open the socket", { engine, limit: 100 })).toHaveLength(33);
});

describe("what is like some lines", () => {
  /** Two passages of a file and others; the file lies in the working tree. */
  async function indexed(): Promise<TemporaryProject> {
    const project = new TemporaryProject();
    const lines = (startLine: number, endLine: number, text: string) =>
      passage(text, { path: "src/pair.ts", startLine, endLine });
    await project.indexDocuments(
      filesOf([
        lines(1, 2, "open the socket\nand wait"),
        lines(3, 4, "close the socket\nand leave"),
        passage("wait for the socket to open", { path: "src/other.ts" }),
        passage("the recipe of a soup", { path: "docs/soup.md", kind: "note" }),
      ]),
      { engine },
    );
    write(project, "src/pair.ts", "open the socket\nand wait\nclose the socket\nand leave\n");
    return project;
  }

  function write(project: TemporaryProject, path: string, text: string): void {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), text);
  }

  test("is found by their text as it is now, without themselves", async () => {
    using project = await indexed();
    using index = await openIndex(project.root);
    const answer = await index.like(parsePlace("src/pair.ts:1-2"), { engine });
    expect(answer).toMatchObject({ query: "like src/pair.ts:1-2", textFrom: "working tree" });
    expect(answer.results[0]?.path).toBe("src/other.ts");
    const same = answer.results.find(({ path }) => path === "src/pair.ts");
    expect([same?.startLine, same?.further.length]).toEqual([3, 0]);
    const whole = await index.like({ path: "src/pair.ts" }, { engine });
    expect(whole.results.map(({ path }) => path)).not.toContain("src/pair.ts");
  });

  test("leaves them out also where they have moved since", async () => {
    using project = await indexed();
    write(project, "src/pair.ts", "// new\n// new\n// new\n// new\nopen the socket\nand wait\n");
    using index = await openIndex(project.root);
    const { results } = await index.like(parsePlace("src/pair.ts:5-6"), { engine });
    const same = results.find(({ path }) => path === "src/pair.ts");
    expect(same?.text).toStartWith("close");
    expect(same?.further).toEqual([]);
  });

  test("takes their text from the index where the file is gone, and says so", async () => {
    using project = await indexed();
    rmSync(join(project.root, "src/pair.ts"));
    using index = await openIndex(project.root);
    const answer = await index.like(parsePlace("src/pair.ts:1"), { engine });
    expect(answer.textFrom).toBe("index");
    expect(answer.results[0]?.path).toBe("src/other.ts");
  });

  test("is refused where there is no text", async () => {
    using project = await indexed();
    write(project, "src/empty.ts", "\n\n");
    using index = await openIndex(project.root);
    for (const [place, problem] of [
      ["src/pair.ts:5", "src/pair.ts has 4 lines now"],
      ["src/pair.ts:3-9", "src/pair.ts has 4 lines now"],
      ["src/nowhere.ts", "neither in the working tree nor in the index"],
      ["src/empty.ts", "there is no text"],
    ] as const) {
      const error = await failure(index.like(parsePlace(place), { engine }));
      expect(error.code).toBe("INVALID_INPUT");
      expect(error.message).toContain(problem);
    }
  });

  test("is read within the project alone", async () => {
    using project = await indexed();
    symlinkSync("/etc", join(project.root, "src/etc"));
    symlinkSync("/etc/hosts", join(project.root, "src/hosts"));
    using index = await openIndex(project.root);
    for (const [place, problem] of [
      ["src/hosts", "a symbolic link"],
      ["src/etc/hosts", "a symbolic link"],
      ["../hosts", "leads out of"],
      ["src", "is not a plain file"],
    ] as const)
      expect((await failure(index.like(parsePlace(place), { engine }))).message).toContain(problem);
  });

  test("is named by a path and lines", () => {
    expect(parsePlace("a/b.ts")).toEqual({ path: "a/b.ts" });
    expect(parsePlace("a:b.ts:7")).toEqual({ path: "a:b.ts", startLine: 7, endLine: 7 });
    expect(parsePlace("b.ts:7-9")).toEqual({ path: "b.ts", startLine: 7, endLine: 9 });
    for (const text of ["b.ts", "b.ts:7", "b.ts:7-9"]) expect(placeName(parsePlace(text))).toBe(text);
    for (const text of ["b.ts:0", "b.ts:9-7"]) expect(() => parsePlace(text)).toThrow("lines count from 1");
  });
});
