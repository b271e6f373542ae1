import { describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { rollback } from "../src/generation/manage-generations.ts";
import { GENERATION_FORMAT, readManifest, writeManifest } from "../src/generation/manifest.ts";
import { openIndex } from "../src/search/open-index.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { manyPassages, TemporaryProject } from "./fixtures/passages.ts";

const VECTORS = "vectors/passages.f32";
const CODES = "vectors/passages.i8";
const FULL_TEXT = "full-text.idx";
const engine = new HashEngine();

/** Changes one byte, in the middle of a file where nothing else is said; a negative place counts from the end. */
function flip(file: string, place?: number): void {
  const bytes = readFileSync(file);
  const at = place === undefined ? bytes.length >> 1 : (place + bytes.length) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

function editManifest(file: string, edit: (manifest: Record<string, unknown>) => void): void {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  edit(manifest);
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

describe("a damaged file of the current generation is named, and the next run heals it", () => {
  const cases: readonly [string, string, (file: string) => void][] = [
    ["a changed bit in the vectors' codes", CODES, flip],
    ["codes cut short", CODES, (file) => truncateSync(file, 100)],
    ["no codes", CODES, (file) => rmSync(file)],
    ["vectors cut short", VECTORS, (file) => truncateSync(file, 100)],
    ["no vectors", VECTORS, (file) => rmSync(file)],
    ["empty vectors", VECTORS, (file) => writeFileSync(file, "")],
    ["no documents", "documents.sqlite", (file) => rmSync(file)],
    ["documents cut short", "documents.sqlite", (file) => truncateSync(file, 5_000)],
    [
      "documents of zeros",
      "documents.sqlite",
      (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length)),
    ],
    ["no full-text index", FULL_TEXT, (file) => rmSync(file)],
    ["a full-text index cut short", FULL_TEXT, (file) => truncateSync(file, 100)],
    ["an empty full-text index", FULL_TEXT, (file) => writeFileSync(file, "")],
    ["a changed bit in the full-text index's table", FULL_TEXT, (file) => flip(file, -20)],
    ["a manifest that is no JSON", "manifest.json", (file) => truncateSync(file, 40)],
    [
      "a manifest of something else",
      "manifest.json",
      (file) => writeFileSync(file, JSON.stringify({ format: GENERATION_FORMAT })),
    ],
    ["no manifest", "manifest.json", (file) => rmSync(file)],
    [
      "a manifest with another dimension",
      "manifest.json",
      (file) => editManifest(file, (manifest) => Object.assign(manifest, { dimension: 16 })),
    ],
    [
      "a manifest with another encoder",
      "manifest.json",
      (file) => editManifest(file, (manifest) => Object.assign(manifest, { encoder_id: "1".repeat(64) })),
    ],
  ];
  test.each(cases)("%s", async (_, name, damage) => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(50), { engine });
    const file = project.local("generations", first.generation, name);
    damage(file);
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file } });
    expect(error.message).toContain(file);

    const second = await project.index(manyPassages(50), { engine });
    expect(second).toMatchObject({ unchanged: false, embedded: 0, fromCache: 50 });
    expect(second.notices).toHaveLength(1);
    expect(second.notices[0]).toContain(file);
    using index = await openIndex(project.root);
    expect(await index.search("word1", { engine })).toHaveLength(10);
  });

  test("a changed bit in a vector is found by a search that reads it, and by the next run", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(50), { engine });
    const file = project.local("generations", first.generation, VECTORS);
    flip(file);
    {
      using index = await openIndex(project.root);
      const error = await failure(index.search("word1", { engine, limit: 50 }));
      expect(error).toMatchObject({ code: "INTEGRITY", details: { file } });
      expect(error.message).toMatch(/row \d+ is not the one .*patina oxidize/);
    }
    const second = await project.index(manyPassages(50), { engine });
    expect(second.notices[0]).toContain(file);
    using index = await openIndex(project.root);
    expect(await index.search("word1", { engine, limit: 50 })).toHaveLength(50);
  });

  test("a changed bit in a word's list is found by a search for it, and by the next run", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(50), { engine });
    const file = project.local("generations", first.generation, FULL_TEXT);
    // All lists: they begin after the head, which says at 56 where the table after them begins.
    const bytes = readFileSync(file);
    for (let place = 72; place < Number(bytes.readBigUInt64LE(56)); place++)
      bytes[place] = ~(bytes[place] ?? 0);
    writeFileSync(file, bytes);
    {
      using index = await openIndex(project.root);
      const [passage] = manyPassages(1);
      const error = await failure(index.search(passage?.text ?? "", { engine }));
      expect(error).toMatchObject({ code: "INTEGRITY", details: { file } });
      expect(error.message).toMatch(/is not what was written.*patina oxidize/);
    }
    const second = await project.index(manyPassages(50), { engine });
    expect(second.notices[0]).toContain(file);
    using index = await openIndex(project.root);
    expect(await index.search("word1", { engine })).toHaveLength(10);
  });

  test("the full-text index of another generation with as many passages", async () => {
    using project = new TemporaryProject();
    const one = await project.index(manyPassages(50), { engine });
    const two = await project.index([...manyPassages(49), ...manyPassages(1, 500)], { engine });
    const file = (id: string): string => project.local("generations", id, FULL_TEXT);
    copyFileSync(file(one.generation), file(two.generation));
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file: file(two.generation) } });
    expect(error.message).toContain("not the one that the manifest speaks of");
  });

  test("the sound generation before a damaged one is kept to go back to", async () => {
    using project = new TemporaryProject();
    const sound = await project.index(manyPassages(20), { engine });
    const broken = await project.index(manyPassages(21), { engine });
    rmSync(project.local("generations", broken.generation, VECTORS));
    const next = await project.index(manyPassages(22), { engine });
    expect(next.pruned).toEqual([broken.generation]);
    expect(rollback(project.root)).toEqual({ id: sound.generation, before: next.generation });
  });

  test("documents of another generation, of the same size", async () => {
    using project = new TemporaryProject();
    const one = await project.index(manyPassages(50), { engine });
    const two = await project.index(manyPassages(50), { engine, queryTemplate: "query: {text}" });
    const documents = (id: string): string => project.local("generations", id, "documents.sqlite");
    expect(readFileSync(documents(one.generation)).length).toBe(
      readFileSync(documents(two.generation)).length,
    );
    copyFileSync(documents(one.generation), documents(two.generation));
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file: documents(two.generation) } });
  });

  test("damage inside the documents is found by the next run, and by a search that reads it", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(300), { engine });
    const file = project.local("generations", first.generation, "documents.sqlite");
    const bytes = readFileSync(file);
    // From the second page on, so that it still opens: the first page has the schema.
    bytes.fill(0xff, 8 * 4_096);
    writeFileSync(file, bytes);
    const second = await project.index(manyPassages(300), { engine });
    expect(second).toMatchObject({ unchanged: false, embedded: 0 });
    expect(second.notices[0]).toContain(file);
  });
});

describe("the name of the current generation", () => {
  test("is missing before the first run", async () => {
    using project = new TemporaryProject();
    expect(await failure(openIndex(project.root))).toMatchObject({ code: "INDEX_MISSING" });
    mkdirSync(project.local(), { recursive: true });
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INDEX_MISSING" });
    expect(error.message).toContain("patina oxidize");
  });

  test.each(["../../../etc", "", "20260101T000000000Z-0badf00d/../x"])(
    "that is %j is refused",
    async (name) => {
      using project = new TemporaryProject();
      await project.index(manyPassages(3), { engine });
      writeFileSync(project.local("current"), name);
      const error = await failure(openIndex(project.root));
      expect(error).toMatchObject({ code: "INTEGRITY", details: { file: project.local("current") } });
    },
  );

  test("that names nothing is an error, and the next run heals it", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(3), { engine });
    renameSync(project.local("generations", first.generation), join(project.root, "elsewhere"));
    expect(await failure(openIndex(project.root))).toMatchObject({ code: "INTEGRITY" });
    const second = await project.index(manyPassages(3), { engine });
    expect(readdirSync(project.local("generations"))).toEqual([second.generation]);
    using index = await openIndex(project.root);
    expect(index.manifest.id).toBe(second.generation);
  });
});

describe("a generation of another format", () => {
  test("is refused with what to do, and replaced by the next run", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(3), { engine });
    const other = GENERATION_FORMAT + 1;
    const file = project.local("generations", first.generation, "manifest.json");
    editManifest(file, (manifest) => Object.assign(manifest, { format: other, news: true }));
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INDEX_INCOMPATIBLE", details: { file, found: `${other}` } });
    const second = await project.index(manyPassages(3), { engine });
    expect(second).toMatchObject({ unchanged: false, embedded: 0 });
    expect(second.notices[0]).toContain(`format ${other}`);
  });
});

describe("a generation whose words are of another version", () => {
  test("is refused by a search, replaced by the next run, and kept to go back to", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(3), { engine });
    const directory = project.local("generations", first.generation);
    const manifest = readManifest(directory);
    rmSync(join(directory, "manifest.json"));
    writeManifest(directory, { ...manifest, words: manifest.words - 1 });
    const error = await failure(openIndex(project.root));
    expect(error).toMatchObject({ code: "INDEX_INCOMPATIBLE" });
    expect(error.message).toContain("run `patina oxidize`");
    const second = await project.index(manyPassages(3), { engine });
    expect(second).toMatchObject({ embedded: 0, notices: [], pruned: [] });
    expect(second.whole).toBe("the version of the full-text index is another one");
    expect(readdirSync(project.local("generations")).sort()).toEqual(
      [first.generation, second.generation].sort(),
    );
  });
});

describe("an open index", () => {
  test("stays with its generation when others replace and remove it", async () => {
    using project = new TemporaryProject();
    const first = await project.index(manyPassages(20), { engine });
    using index = await openIndex(project.root);
    for (let count = 1; count <= 3; count++) await project.index(manyPassages(count, 500), { engine });
    expect(existsSync(project.local("generations", first.generation))).toBe(false);
    const [text] = manyPassages(1);
    const [best] = await index.search(text?.text as string, { engine });
    expect(best?.id).toBe(text?.id as string);
  });
});
