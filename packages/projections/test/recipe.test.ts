import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPatinaError, type PatinaError } from "@patina/core";
import fc from "fast-check";
import {
  editRecipeText,
  loadRecipe,
  parseRecipe,
  RECIPE_PATH,
  setRecipeModel,
  writeDefaultRecipe,
} from "../src/recipe/index.ts";

const FILE = ".patina/oxidize.yaml";

/** The recipe of the design, word for word. */
const DESIGNED = `version: 2                # absent means 2
embedding_model: e5-base-v2
runtime: auto             # auto | onnx | mlx
variant: auto
dimension: null           # cut of an MRL model
sources:
  code: { include: ["**/*"], exclude: [] }
  commits: { since: null }
  notes: { include: ["layer/**/*.md", "docs/**/*.md"] }   # second-level headings are passages
projections:
  semantic:   { layers: [1024, 256], epochs: 10, batch_size: 32 }
  temporal:   { layers: [1024, 256], epochs: 10, batch_size: 32 }
  dependency: { layers: [1024, 256], epochs: 10, batch_size: 32 }
gate: { metric: ndcg@10, margin: 0.01, alpha: 0.05, accept: better, max_latency_ratio: null, max_memory: null }
`;

function problemOf(text: string): PatinaError {
  try {
    parseRecipe(text, FILE);
  } catch (error) {
    if (isPatinaError(error, "RECIPE_INVALID")) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe("reading a recipe", () => {
  test("the designed recipe, with what is not acted on named", () => {
    const recipe = parseRecipe(DESIGNED, FILE);
    expect(recipe.embeddingModel).toBe("e5-base-v2");
    expect(recipe.sources.notes.include).toEqual(["layer/**/*.md", "docs/**/*.md"]);
    expect(recipe.projections.temporal).toEqual({
      layers: [1024, 256],
      input: null,
      epochs: 10,
      batchSize: 32,
    });
    expect(recipe.gate?.metric).toBe("ndcg@10");
    expect(recipe.inactive).toEqual([
      "projections.semantic",
      "projections.temporal",
      "projections.dependency",
      "gate",
    ]);
  });

  test("a model alone is enough, and everything in it acts", () => {
    const recipe = parseRecipe("embedding_model: m\n", FILE);
    expect(recipe.version).toBe(2);
    expect(recipe.sources.code).toEqual({ include: ["**/*"], exclude: [] });
    expect(recipe.gate).toBeNull();
    expect(recipe.inactive).toEqual([]);
  });

  test("version 1 has the input's width first", () => {
    const text = "version: 1\nembedding_model: m\nprojections: { semantic: { layers: [768, 1024, 256] } }\n";
    expect(parseRecipe(text, FILE).projections.semantic).toEqual({
      layers: [1024, 256],
      input: 768,
      epochs: 10,
      batchSize: 32,
    });
    expect(problemOf(text.replace("[768, 1024, 256]", "[1024, 256]")).message).toContain("three numbers");
    expect(problemOf(text.replace("version: 1", "version: 2")).message).toContain("two numbers");
  });

  test("what auto may lose is a number from 0, or left to the registry; versions 1 and 2 have it", () => {
    const of = (text: string): number | null =>
      parseRecipe(`embedding_model: m\n${text}\n`, FILE).variantTolerance;
    expect(of("")).toBeNull();
    expect(of("variant_tolerance: null")).toBeNull();
    expect(of("variant_tolerance: 0")).toBe(0);
    expect(of("version: 1\nvariant_tolerance: 0.01")).toBe(0.01);
    const nearest = problemOf("embedding_model: m\nvariant_tolerence: 0.01\n").details.suggestion;
    expect(nearest).toBe("variant_tolerance");
  });

  test("the weights of the lists are both there or the default's", () => {
    const weightsOf = (text: string) => parseRecipe(`embedding_model: a\n${text}`, FILE).search.weights;
    expect(weightsOf("")).toBeNull();
    expect(weightsOf("search: {}")).toBeNull();
    expect(weightsOf("search: { weights: null }")).toBeNull();
    expect(weightsOf("search: { weights: { full-text: 2.5, vectors: 0, history: 1 } }")).toEqual({
      "full-text": 2.5,
      vectors: 0,
      history: 1,
    });
    for (const [weights, problem] of [
      ["{ full-text: 1, history: 1 }", 'the key "search.weights.vectors" is missing'],
      ["{ full-text: 1, vectors: 1 }", 'the key "search.weights.history" is missing'],
      ["{ full-text: 0, vectors: 0, history: 1 }", '"search.weights" must have full-text or vectors above 0'],
      [
        "{ full-text: -1, vectors: 1, history: 0 }",
        '"search.weights.full-text" must be a number from 0 to 1000',
      ],
      [
        "{ fulltext: 1, vectors: 1, history: 0 }",
        'unknown key "search.weights.fulltext"; did you mean "full-text"?',
      ],
    ] as const)
      expect(() => weightsOf(`search: { weights: ${weights} }`)).toThrow(problem);
  });

  test("a date is a moment in UTC, a size is bytes", () => {
    const text =
      "embedding_model: m\nsources: { commits: { since: 2024-05-01 } }\ngate: { max_memory: 2GiB }\n";
    const recipe = parseRecipe(text, FILE);
    expect(recipe.sources.commits.since).toBe(Date.UTC(2024, 4, 1) / 1000);
    expect(recipe.gate?.maxMemory).toBe(2 * 1024 ** 3);
  });
});

describe("what is wrong is named with its place", () => {
  test("an unknown key: file, line, column, frame, nearest key", () => {
    const error = problemOf("embedding_model: m\nsources:\n  code: { includ: [a] }\n");
    expect(error.details).toEqual({
      file: FILE,
      line: 3,
      column: 11,
      key: "sources.code.includ",
      suggestion: "include",
    });
    expect(error.message).toBe(
      `${FILE}:3:11: unknown key "sources.code.includ"; did you mean "include"?\n` +
        "2 | sources:\n3 |   code: { includ: [a] }\n  |           ^",
    );
  });

  test("a misspelt required key is named before the key it leaves missing", () => {
    expect(problemOf("embeding_model: m\n").details.suggestion).toBe("embedding_model");
  });

  test.each([
    ["runtime: onx", 2, 10, "runtime"],
    ["runtime:", 2, 9, "runtime"],
    ["variant: [a]", 2, 10, "variant"],
    ["variant_tolerance: 1.1", 2, 20, "variant_tolerance"],
    ["variant_tolerance: -0.1", 2, 20, "variant_tolerance"],
    ["variant_tolerance: small", 2, 20, "variant_tolerance"],
    ["dimension: 0", 2, 12, "dimension"],
    ["dimension: 1.5", 2, 12, "dimension"],
    ["version: 3", 2, 10, "version"],
    ["version: '2'", 2, 10, "version"],
    ["sources: { code: { include: ['!a'] } }", 2, 30, "sources.code.include.0"],
    ["sources: { code: { include: ['../a'] } }", 2, 30, "sources.code.include.0"],
    ["sources: { commits: { since: 2024-02-30 } }", 2, 30, "sources.commits.since"],
    ["sources: { commits: { since: yesterday } }", 2, 30, "sources.commits.since"],
    ["sources: null", 2, 10, "sources"],
    ["projections: { semantic: null }", 2, 26, "projections.semantic"],
    ["projections: { semantic: { epochs: -1 } }", 2, 36, "projections.semantic.epochs"],
    ["gate: { metric: accuracy }", 2, 17, "gate.metric"],
    ["gate: { alpha: .nan }", 2, 16, "gate.alpha"],
    ["gate: { accept: worse }", 2, 17, "gate.accept"],
    ["gate: { max_memory: 2GB }", 2, 21, "gate.max_memory"],
    ["__proto__: 1", 2, 1, "__proto__"],
    ["<<: { runtime: onnx }", 2, 1, "<<"],
  ])("%s", (line, row, column, key) => {
    const { details } = problemOf(`embedding_model: m\n${line}\n`);
    expect(details).toMatchObject({ file: FILE, line: row, column, key });
  });

  test.each([
    "",
    "- a",
    "just text",
    "embedding_model: [",
    "a: &x 1\nb: *x",
    "a: 1\na: 2",
    "a: !!set 1",
    "a\n---\nb",
  ])("%j is no recipe", (text) => expect(problemOf(text).details.line).toBeGreaterThan(0));

  test("a document nested ten thousand deep and an oversized one", () => {
    expect(problemOf(`embedding_model: ${"[".repeat(100_000)}`).code).toBe("RECIPE_INVALID");
    expect(problemOf(`# ${"x".repeat(300_000)}`).message).toContain("at most");
  });

  test("control characters of the file do not reach the message", () => {
    expect(problemOf("embedding_model: m\nevil\u001b[31m: 1\n").message).not.toContain("\u001b");
  });

  test("mutations give a recipe or a RECIPE_INVALID with a place, never anything else", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...`[]{}:,-?&*!|>'"%@\`#\n\t ~<`,
        "null",
        ".nan",
        "- ",
        "? ",
        "!!map ",
        "\u0000",
        "\u001b",
        "---\n",
      ),
      fc.string({ maxLength: 6 }),
    );
    const edit = fc.tuple(fc.nat(DESIGNED.length), fc.nat(20), piece);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        let text = DESIGNED;
        for (const [at, remove, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
        try {
          expect(parseRecipe(text, FILE).embeddingModel.length).toBeGreaterThan(0);
        } catch (error) {
          if (!isPatinaError(error, "RECIPE_INVALID")) throw error;
          expect(error.details.line).toBeGreaterThan(0);
          expect(error.details.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the file", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "patina-recipe-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test("a default is written, commented, complete, and never over another", async () => {
    const file = await writeDefaultRecipe(directory, "all-minilm-l6-v2");
    expect(file).toBe(join(directory, RECIPE_PATH));
    const recipe = await loadRecipe(file);
    expect(recipe.embeddingModel).toBe("all-minilm-l6-v2");
    expect(recipe).toEqual(parseRecipe("embedding_model: all-minilm-l6-v2", FILE));
    await expect(writeDefaultRecipe(directory, "other")).rejects.toMatchObject({ code: "IO" });
    expect(await loadRecipe(file)).toEqual(recipe);
  });

  test("a key that YAML would read otherwise is quoted, one that is no key is refused", async () => {
    await writeDefaultRecipe(directory, "1.5");
    expect((await loadRecipe(join(directory, RECIPE_PATH))).embeddingModel).toBe("1.5");
    await expect(writeDefaultRecipe(join(directory, "b"), "a b")).rejects.toMatchObject({
      code: "RECIPE_INVALID",
    });
    expect(await readdir(directory)).toEqual([".patina"]);
  });

  test("no file, a folder in its place, bytes that are not UTF-8", async () => {
    const file = join(directory, RECIPE_PATH);
    await expect(loadRecipe(file)).rejects.toMatchObject({ code: "IO", details: { file } });
    await mkdir(file, { recursive: true });
    await expect(loadRecipe(file)).rejects.toMatchObject({ code: "IO" });
    await rm(file, { recursive: true });
    await writeFile(file, Buffer.from([0x61, 0xff, 0xfe]));
    await expect(loadRecipe(file)).rejects.toMatchObject({ code: "RECIPE_INVALID" });
  });

  test("an edit changes the value and not a character more", async () => {
    const file = join(directory, RECIPE_PATH);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, DESIGNED);
    await setRecipeModel(file, "nomic-embed-text-v1.5");
    expect(await readFile(file, "utf8")).toBe(DESIGNED.replace("e5-base-v2", "nomic-embed-text-v1.5"));
    expect(await readdir(dirname(file))).toEqual(["oxidize.yaml"]);
    await expect(setRecipeModel(file, "no key")).rejects.toMatchObject({ code: "RECIPE_INVALID" });
    expect(await readFile(file, "utf8")).toContain("nomic-embed-text-v1.5");
  });

  test("a key that is absent is added beside the model, in both styles of YAML", () => {
    const edits = { runtime: "onnx", dimension: 256 } as const;
    expect(editRecipeText("# a\nembedding_model: m # b\n\n# c\nsources: {}\n", edits, FILE)).toBe(
      "# a\nembedding_model: m # b\ndimension: 256\nruntime: onnx\n\n# c\nsources: {}\n",
    );
    expect(editRecipeText("{ embedding_model: m }", edits, FILE)).toBe(
      "{ embedding_model: m, dimension: 256, runtime: onnx }",
    );
    const tolerance = "embedding_model: m\nvariant_tolerance: 0.01 # ours\n";
    expect(editRecipeText(tolerance, { variantTolerance: 0 }, FILE)).toBe(tolerance.replace("0.01", "0"));
    expect(editRecipeText("  embedding_model: 'm'", { variant: "int8" }, FILE)).toBe(
      "  embedding_model: 'm'\n  variant: int8",
    );
  });
});
