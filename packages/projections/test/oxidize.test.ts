/** Whole runs with nothing in place of anything: a git repository, a model (tiny, with random weights) and its engine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingEngine } from "@patina/core";
import { openEngine } from "@patina/engine";
import { fixture } from "../../engine/test/support/fixtures.ts";
import { type OxidizeReport, oxidize } from "../src/oxidize.ts";
import { openIndex } from "../src/search/open-index.ts";
import { measureByTokens, type Passage } from "../src/sources/index.ts";
import { failure } from "./fixtures/failure.ts";
import { collect, recipeOf, TemporaryRepository } from "./sources/repository.ts";

const { spec } = fixture("bert-prompts");
const recipe = recipeOf("");

describe("a repository", () => {
  let repository: TemporaryRepository;
  let engine: EmbeddingEngine;
  let first: OxidizeReport;

  const run = (options: object = {}): Promise<OxidizeReport> =>
    oxidize({
      root: repository.root,
      recipe,
      engine,
      model: spec,
      passageTemplate: spec.passageTemplate,
      queryTemplate: spec.queryTemplate,
      ...options,
    });

  /** What the run indexes, read again. */
  const passagesNow = async (): Promise<Passage[]> => {
    const { passages } = await collect(repository.root, recipe, { measure: await measureByTokens(engine) });
    return passages;
  };

  beforeAll(async () => {
    engine = await openEngine(spec, { specialTokens: "neutralize" });
    repository = new TemporaryRepository();
    repository.write(
      "src/socket.ts",
      "export function openSocket(host: string) {\n  return connect(host);\n}\n",
    );
    repository.write(
      "src/parser.ts",
      "// reads settings\nexport const parse = (text: string) => JSON.parse(text);\n",
    );
    repository.write(
      "docs/network.md",
      "# Network\n\n## Sockets\n\nWhy a socket waits [SEP] before it is given up.\n",
    );
    repository.write(
      "long.txt",
      `${Array.from({ length: 200 }, (_, number) => `word${number}`).join(" ")}\n`,
    );
    repository.commit("Wait longer for the socket\n");
    first = await run();
  });
  afterAll(async () => {
    repository.remove();
    await engine.close();
  });

  test("becomes one vector for every passage, each the one the engine gives for that passage alone", async () => {
    const passages = await passagesNow();
    expect(first).toMatchObject({ passages: passages.length, embedded: passages.length, fromCache: 0 });
    expect(first.sources).toMatchObject({ commits: 1, passages: passages.length });
    // Passages are cut by the model's own tokens: it reads each of them whole.
    expect(first.truncated).toBe(0);

    const file = join(repository.root, ".patina/local/generations", first.generation, "vectors/passages.f32");
    const bytes = readFileSync(file);
    const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    expect(rows.length).toBe(passages.length * spec.dimension);
    for (const [row, { text }] of passages.entries()) {
      const { vector } = await engine.embedPassage(text);
      for (const [place, value] of vector.entries()) {
        // Padding to another length may move the last bits of a float32 sum.
        expect(Math.abs((rows[row * spec.dimension + place] ?? Number.NaN) - value)).toBeLessThan(1e-6);
      }
    }
  });

  test("is not embedded again, and says so", async () => {
    const second = await run();
    expect(second).toMatchObject({ unchanged: true, embedded: 0, generation: first.generation });
    expect(second).toMatchObject({ truncated: first.truncated, passages: first.passages, tokens: 0 });
  });

  test("is searched, and every result is a passage as the sources give it", async () => {
    const passages = await passagesNow();
    using index = await openIndex(repository.root);
    expect(index.manifest).toMatchObject({
      encoderId: engine.encoderId,
      model: { key: spec.key, variant: spec.variant, runtime: "onnx" },
      specialTokens: "neutralize",
      passageTemplate: spec.passageTemplate,
      queryTemplate: spec.queryTemplate,
      dimension: spec.dimension,
    });
    const results = await index.search("openSocket", { engine, passageTemplate: spec.passageTemplate });
    // The weights are random: only full-text knows what is meant.
    const best = results.find(({ why }) => why.some(({ list, rank }) => list === "full-text" && rank === 1));
    expect(best).toMatchObject({ path: "src/socket.ts", startLine: 1, kind: "code" });
    const known = new Map(passages.map((one) => [one.id, one]));
    for (const { score, why, result, further, alsoIn, ...found } of results) {
      expect(known.get(found.id)).toEqual(found satisfies Passage);
      expect(score).toBeGreaterThan(0);
      expect(why.length).toBeGreaterThan(0);
      expect(result).toMatch(/^[0-9a-f]{8}$/);
      expect(alsoIn).toEqual([]);
      for (const { why: places, ...other } of further) {
        expect(known.get(other.id)).toEqual(other satisfies Passage);
        expect(places.length).toBeGreaterThan(0);
      }
    }
  });

  test("is not searched by another model", async () => {
    using index = await openIndex(repository.root);
    await using other = await openEngine(fixture("bert-mean").spec, { specialTokens: "neutralize" });
    expect(await failure(index.search("socket", { engine: other }))).toMatchObject({
      code: "INDEX_INCOMPATIBLE",
    });
    await using following = await openEngine(spec, { specialTokens: "follow" });
    const otherPolicy = failure(index.search("socket", { engine: following }));
    expect(await otherPolicy).toMatchObject({ code: "INDEX_INCOMPATIBLE" });
  });

  test("that changed in one line has that embedded and nothing else", async () => {
    repository.write(
      "src/parser.ts",
      "// reads the settings\nexport const parse = (text: string) => JSON.parse(text);\n",
    );
    const changed = await run();
    expect(changed).toMatchObject({ unchanged: false, embedded: 1 });
    expect(changed.fromCache).toBe(changed.passages - 1);
  });

  test("can go over to another model and back, without a mixed index in between", async () => {
    await using other = await openEngine(fixture("bert-mean").spec, { specialTokens: "neutralize" });
    const { spec: otherSpec } = fixture("bert-mean");
    const there = await run({ engine: other, model: otherSpec, passageTemplate: null, queryTemplate: null });
    expect(there).toMatchObject({ unchanged: false, fromCache: 0 });
    using index = await openIndex(repository.root);
    expect(index.manifest.encoderId).toBe(other.encoderId);
    expect(await failure(index.search("socket", { engine }))).toMatchObject({ code: "INDEX_INCOMPATIBLE" });
    expect(await run()).toMatchObject({ unchanged: false, embedded: 0 });
  });

  test("without a passage is an error that says where to look", async () => {
    const nothing = recipeOf(
      "sources: { code: { include: [] }, notes: { include: [] }, commits: { since: 2100-01-01 } }\n",
    );
    const error = await failure(run({ recipe: nothing }));
    expect(error.code).toBe("INVALID_INPUT");
    expect(error.message).toContain("sources");
  });
});
