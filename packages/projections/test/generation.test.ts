import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import { readManifest } from "../src/generation/manifest.ts";
import type { OxidizeProgress } from "../src/generation/progress.ts";
import { GENERATIONS_KEPT } from "../src/generation/prune-old.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { manyPassages, passage, TemporaryProject } from "./fixtures/passages.ts";

describe("a run", () => {
  test("leaves a private directory that git ignores", async () => {
    using project = new TemporaryProject();
    await project.index(manyPassages(3), { engine: new HashEngine() });
    expect(statSync(project.local()).mode & 0o777).toBe(0o700);
    expect(readFileSync(project.local(".gitignore"), "utf8")).toBe("*\n");
  });

  test("writes a row of unit length for every passage, in their order", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    const passages = [...manyPassages(20), ...manyPassages(5)].map((one, row) => ({
      ...one,
      id: `id-${row}`,
    }));
    const report = await project.index(passages, { engine });
    expect(report).toMatchObject({ passages: 25, embedded: 20, fromCache: 0, unchanged: false, notices: [] });

    const directory = project.local("generations", report.generation);
    const manifest = readManifest(directory);
    expect(manifest.counts).toEqual({
      ...{ documents: 25, passages: 25, rows: 25, texts: 20, truncated: 0, duplicates: 5 },
    });
    const bytes = readFileSync(join(directory, "vectors/passages.f32"));
    expect(bytes.length).toBe(25 * 32 * 4);
    const rows = new Float32Array(bytes.buffer, bytes.byteOffset, 25 * 32);
    for (const [row, { text }] of passages.entries()) {
      const { vector } = await engine.embedPassage(text);
      expect([...rows.subarray(row * 32, (row + 1) * 32)]).toEqual([...vector]);
    }
    using documents = new Database(join(directory, "documents.sqlite"), { readonly: true });
    const stored: unknown[] = documents.query("SELECT id, text FROM passages ORDER BY row").all();
    expect(stored).toEqual(passages.map(({ id, text }) => ({ id, text })));
  });

  test("cuts vectors and brings them to unit length again, from the full ones in the cache", async () => {
    using project = new TemporaryProject();
    const engine = new HashEngine();
    const passages = manyPassages(10);
    await project.index(passages, { engine });
    const cut = await project.index(passages, { engine, dimension: 16 });
    expect(cut).toMatchObject({ embedded: 0, fromCache: 10, unchanged: false });
    const bytes = readFileSync(project.local("generations", cut.generation, "vectors/passages.f32"));
    const rows = new Float32Array(bytes.buffer, bytes.byteOffset, 10 * 16);
    for (const [row, { text }] of passages.entries()) {
      const { vector } = await engine.embed(text, { dimension: 16 });
      for (const [place, value] of vector.entries()) expect(rows[row * 16 + place]).toBeCloseTo(value, 6);
    }
  });

  test("asks the model before it reads anything whether it can be cut", async () => {
    using project = new TemporaryProject();
    const run = project.index(manyPassages(3), { engine: new HashEngine(), dimension: 4 });
    expect(await failure(run)).toMatchObject({ code: "INVALID_INPUT" });
    expect(existsSync(project.local())).toBe(false);
  });

  test("counts the passages that were cut, also when they come from the cache", async () => {
    using project = new TemporaryProject();
    const long = passage("long ".repeat(100), { path: "long.txt" });
    const engine = new HashEngine();
    expect(await project.index([long, ...manyPassages(2)], { engine })).toMatchObject({ truncated: 1 });
    const again = await project.index([long, ...manyPassages(3)], { engine });
    expect(again).toMatchObject({ truncated: 1, embedded: 1 });
  });

  test("says that nothing changed, and embeds nothing, whatever order the passages come in", async () => {
    using project = new TemporaryProject();
    const passages = manyPassages(30);
    const first = await project.index(passages, { engine: new HashEngine() });
    const engine = new HashEngine();
    const second = await project.index(passages.toReversed(), { engine });
    expect(second).toMatchObject({
      generation: first.generation,
      unchanged: true,
      embedded: 0,
      fromCache: 30,
    });
    expect(engine.embedded).toEqual([]);
    expect(readdirSync(project.local("generations"))).toEqual([first.generation]);
  });

  test("makes a new generation when only the place of a passage changed, without embedding", async () => {
    using project = new TemporaryProject();
    const [one, ...others] = manyPassages(5);
    const engine = new HashEngine();
    const first = await project.index([one as never, ...others], { engine });
    const second = await project.index([{ ...(one as object), startLine: 7 } as never, ...others], {
      engine,
    });
    expect(second).toMatchObject({ unchanged: false, embedded: 0, fromCache: 5 });
    expect(second.generation).not.toBe(first.generation);
  });

  test("embeds anew for another encoder or another template, and keeps the vectors of both", async () => {
    using project = new TemporaryProject();
    const passages = manyPassages(4);
    const other = new HashEngine({ encoderId: "1".repeat(64) });
    const passageTemplate = "passage: {text}";
    const templated = new HashEngine({ passageTemplate });
    expect(await project.index(passages, { engine: new HashEngine() })).toMatchObject({ embedded: 4 });
    expect(await project.index(passages, { engine: other })).toMatchObject({ embedded: 4 });
    expect(await project.index(passages, { engine: templated, passageTemplate })).toMatchObject({
      embedded: 4,
    });
    expect(await project.index(passages, { engine: new HashEngine() })).toMatchObject({
      embedded: 0,
      fromCache: 4,
    });
  });

  test("keeps the current generation and the one before", async () => {
    using project = new TemporaryProject();
    const made: string[] = [];
    for (let count = 1; count <= 4; count++) {
      const report = await project.index(manyPassages(count), { engine: new HashEngine() });
      made.push(report.generation);
    }
    expect(readdirSync(project.local("generations")).sort()).toEqual(made.slice(-GENERATIONS_KEPT));
    expect(readFileSync(project.local("current"), "utf8").trim()).toBe(made.at(-1) as string);
  });

  test("will not replace an index by an empty one", async () => {
    using project = new TemporaryProject();
    const { generation } = await project.index(manyPassages(2), { engine: new HashEngine() });
    const error = await failure(project.index([], { engine: new HashEngine() }));
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect(readdirSync(project.local("generations"))).toEqual([generation]);
  });

  test("tells its progress: collecting, embedding, indexing, each to its end", async () => {
    using project = new TemporaryProject();
    await project.index(manyPassages(4), { engine: new HashEngine() });
    const events: OxidizeProgress[] = [];
    const report = await project.index(manyPassages(10), {
      engine: new HashEngine(),
      onProgress: (event) => events.push(event),
    });
    const phases = [...new Set(events.map(({ phase }) => phase))];
    expect(phases).toEqual(["collecting", "embedding", "indexing"]);
    const last = (phase: string) => events.findLast((event) => event.phase === phase);
    expect(last("collecting")).toMatchObject({ done: 6, total: null });
    expect(last("embedding")).toMatchObject({ done: 6, total: 6, cached: 0, tokens: report.tokens });
    expect(last("indexing")).toMatchObject({ done: 12, total: 12 });
  });
});

describe("what is in the way", () => {
  test("a symbolic link in place of the local directory is refused, nothing is written through it", async () => {
    using project = new TemporaryProject();
    using elsewhere = new TemporaryProject();
    mkdirSync(join(project.root, ".patina"));
    symlinkSync(elsewhere.root, project.local());
    const error = await failure(project.index(manyPassages(1), { engine: new HashEngine() }));
    expect(error).toMatchObject({ code: "IO", details: { file: project.local() } });
    expect(readdirSync(elsewhere.root)).toEqual([]);
  });

  test("a link among the files of the local directory is refused", async () => {
    using project = new TemporaryProject();
    mkdirSync(project.local(), { recursive: true });
    const victim = join(project.root, "victim");
    writeFileSync(victim, "mine");
    symlinkSync(victim, project.local("lock.owner"));
    const error = await failure(project.index(manyPassages(1), { engine: new HashEngine() }));
    expect(error).toMatchObject({ code: "IO", details: { file: project.local("lock.owner") } });
    expect(readFileSync(victim, "utf8")).toBe("mine");
  });

  test("a file in place of the directory is named", async () => {
    using project = new TemporaryProject();
    writeFileSync(join(project.root, ".patina"), "");
    const error = await failure(project.index(manyPassages(1), { engine: new HashEngine() }));
    expect(isPatinaError(error, "IO")).toBe(true);
  });

  test("what a crashed run left is removed", async () => {
    using project = new TemporaryProject();
    mkdirSync(project.local("generations", "20260101T000000000Z-0badf00d.tmp-1", "vectors"), {
      recursive: true,
    });
    writeFileSync(project.local("current.tmp-1-x"), "");
    const { generation } = await project.index(manyPassages(1), { engine: new HashEngine() });
    expect(readdirSync(project.local("generations"))).toEqual([generation]);
    expect(existsSync(project.local("current.tmp-1-x"))).toBe(false);
  });
});
