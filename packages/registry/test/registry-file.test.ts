import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isPatinaError, type PatinaError } from "@patina/core";
import { registryJsonSchema } from "../scripts/json-schema.ts";
import { openRegistry } from "../src/index.ts";
import { Fixture, rejection } from "./support/fixture.ts";
import { MISTAKES } from "./support/mistakes.ts";

const FILE = join(import.meta.dir, "../../../resources/models/registry.toml");
const TEXT = readFileSync(FILE, "utf8");

/** Opens a registry whose built-in file is `text`. */
async function open(text: string | Uint8Array) {
  using fixture = new Fixture();
  const builtin = fixture.write("registry.toml", text);
  return await openRegistry({ home: fixture.home, env: {}, builtin });
}

async function failure(text: string | Uint8Array): Promise<PatinaError> {
  const error = await rejection(open(text));
  if (!isPatinaError(error, "REGISTRY_INVALID")) throw error;
  return error;
}

describe("the built-in registry", () => {
  // Dimensions, limits and pooling as the models' own cards and configuration files give them.
  const rows: unknown[] = [
    ["all-minilm-l6-v2", 384, undefined, 256, "mean", ["onnx", "mlx"]],
    ["bge-base-en-v1.5", 768, undefined, 512, "cls", ["onnx", "mlx"]],
    ["bge-small-en-v1.5", 384, undefined, 512, "cls", ["onnx", "mlx"]],
    ["e5-base-v2", 768, undefined, 512, "mean", ["onnx", "mlx"]],
    ["multilingual-e5-small", 384, undefined, 512, "mean", ["onnx", "mlx"]],
    ["nomic-embed-text-v1.5", 768, undefined, 8192, "mean", ["onnx"]],
    ["paraphrase-minilm-l3-v2", 384, undefined, 128, "mean", ["onnx"]],
    ["qwen3-embedding-0.6b", 1024, 32, 32768, "last", ["onnx", "mlx"]],
    ["qwen3-embedding-4b", 2560, 32, 32768, "last", ["mlx", "onnx"]],
    ["qwen3-embedding-8b", 4096, 32, 32768, "last", ["mlx", "onnx"]],
  ];

  test("has every model with its facts, sorted by key", async () => {
    using fixture = new Fixture();
    const registry = await openRegistry({ home: fixture.home, env: {} });
    const found: unknown[] = registry
      .models()
      .map((model) => [
        model.key,
        model.dimension,
        model.minDimension,
        model.maxTokens,
        model.pooling,
        model.runtimes,
      ]);
    expect(found).toEqual(rows);
    expect(registry.models().every(({ origin, trusted }) => origin === "builtin" && trusted)).toBe(true);
  });

  test("has the templates the models were trained with", async () => {
    const registry = await open(TEXT);
    const templates = (key: string) => {
      const { queryTemplate, passageTemplate } = registry.entry(key);
      return [queryTemplate, passageTemplate];
    };
    expect(templates("e5-base-v2")).toEqual(["query: {text}", "passage: {text}"]);
    expect(templates("multilingual-e5-small")).toEqual(["query: {text}", "passage: {text}"]);
    expect(templates("nomic-embed-text-v1.5")).toEqual(["search_query: {text}", "search_document: {text}"]);
    const bge = "Represent this sentence for searching relevant passages: {text}";
    expect(templates("bge-small-en-v1.5")).toEqual([bge, undefined]);
    expect(templates("all-minilm-l6-v2")).toEqual([undefined, undefined]);
    for (const size of ["0.6b", "4b", "8b"]) {
      const entry = registry.entry(`qwen3-embedding-${size}`);
      expect(entry.queryTemplate).toBe("Instruct: {task}\nQuery:{text}");
      expect(entry.passageTemplate).toBeUndefined();
      expect(entry.defaultTask).toBe(
        "Given a web search query, retrieve relevant passages that answer the query",
      );
    }
  });

  test("finds a model by its alias and names the nearest of an unknown one", async () => {
    const registry = await open(TEXT);
    expect(registry.entry("qwen3-embedding-0-6b").key).toBe("qwen3-embedding-0.6b");
    expect(() => registry.entry("e5-base-v3")).toThrow(
      expect.objectContaining({
        code: "MODEL_UNKNOWN",
        details: { key: "e5-base-v3", suggestion: "e5-base-v2" },
      }),
    );
  });

  test("has the check of Qwen3's card, and a quality only for what was measured", async () => {
    const registry = await open(TEXT);
    expect(registry.entry("qwen3-embedding-0.6b").check?.scores).toEqual([
      [0.7646, 0.1414],
      [0.1355, 0.6],
    ]);
    const measured = registry
      .models()
      .flatMap(({ key, variants }) =>
        variants.filter(({ quality }) => quality !== undefined).map(({ name }) => `${key} ${name}`),
      );
    expect(measured).toEqual(["all-minilm-l6-v2 int8"]);
    const figures = join(import.meta.dir, "../../../fixtures/real/measurements.json");
    const { texts, lowest_cosine, mean_cosine } = JSON.parse(readFileSync(figures, "utf8"))[
      "all-minilm-l6-v2 int8"
    ];
    const int8 = registry.entry("all-minilm-l6-v2").variants.find(({ name }) => name === "int8");
    expect(int8?.quality).toEqual({ cosineMin: lowest_cosine, cosineMean: mean_cosine, texts });
  });

  test("has the scores that the reference implementations computed", async () => {
    const registry = await open(TEXT);
    const figures = join(import.meta.dir, "../../../fixtures/real/checks.json");
    const { queries, documents, scores } = JSON.parse(readFileSync(figures, "utf8"));
    const checked = registry.models().filter(({ check }) => check !== undefined);
    expect(checked.map(({ key }) => key)).toEqual([...Object.keys(scores), "qwen3-embedding-0.6b"]);
    for (const [key, expected] of Object.entries(scores))
      expect(registry.entry(key).check).toMatchObject({ queries, documents, scores: expected });
  });

  test("names no revision but a branch for what nobody fetched, and a digest only beside a wheel", async () => {
    for (const model of (await open(TEXT)).models()) {
      const files = [...model.files, ...model.variants.flatMap((variant) => variant.files)];
      for (const { sha256, size, sources } of files) {
        expect(sha256 === undefined).toBe(!sources.some(({ kind }) => kind === "wheel"));
        expect(sha256 === undefined).toBe(size === undefined);
        for (const source of sources) if (source.kind === "hub") expect(source.revision).toBe("main");
      }
    }
  });

  test("has a JSON Schema that generating again does not change", () => {
    const file = join(import.meta.dir, "../../../resources/models/registry.schema.json");
    expect(readFileSync(file, "utf8")).toBe(registryJsonSchema());
  });
});

describe("a mistake in a registry has its place and its nearest right word", () => {
  const line = (needle: string) => TEXT.slice(0, TEXT.indexOf(needle)).split("\n").length;
  test.each([...MISTAKES])("%s", async (_name, from, to, expected, message) => {
    const error = await failure(TEXT.replace(from, () => to));
    expect(error.details).toMatchObject(expected);
    expect(error.message).toMatch(message);
    expect(
      error.message.startsWith(`${error.details.file}:${error.details.line}:${error.details.column}: `),
    ).toBe(true);
  });

  test("lines are counted to the key itself, deep in inline tables too", async () => {
    const needle = 'repo = "Xenova/e5-base-v2", revision = "main", path = "onnx/model_fp16.onnx"';
    const error = await failure(TEXT.replace(needle, needle.replace("revision", "rev")));
    const place = TEXT.split("\n")[line(needle) - 1] ?? "";
    expect(error.details).toMatchObject({
      line: line(needle),
      column: place.indexOf("revision") + 1,
      key: "rev",
    });
  });

  test("strings and comments that look like tables do not move the place", async () => {
    const decoy = 'description = """\n[models."e5-base-v2"]\ndimension = 1 \\""" """ # [models.x]\n';
    const text = TEXT.replace(/description = .*\n/, decoy).replace("dimension = 768", "dimension = 0");
    const place = text.split("\n").indexOf("dimension = 0") + 1;
    expect((await failure(text)).details).toMatchObject({ line: place, column: 1, key: "dimension" });
  });

  test("a missing key is told once when it is only misspelled", async () => {
    const error = await failure(TEXT.replace("dimension = 768", "dimensoin = 768"));
    expect(error.message.split("\n")).toHaveLength(1);
  });

  test("every unknown key of a table is told, and of many problems the first five", async () => {
    const two = TEXT.replace("dimension = 768", "dimensoin = 768").replace("pooling =", "poling =");
    expect((await failure(two)).message.split("\n")).toEqual([
      expect.stringContaining('unknown key "dimensoin" in models."e5-base-v2"; did you mean "dimension"?'),
      expect.stringContaining('unknown key "poling" in models."e5-base-v2"; did you mean "pooling"?'),
    ]);
    const renamed = await failure(TEXT.replace('[models."e5-base-v2"]', '[models."e5-bose-v2"]'));
    expect(renamed.message.split("\n")).toHaveLength(6);
    expect(renamed.message).toEndWith(" more, which may follow from these");
  });

  test("a source with a misspelled kind is told so", async () => {
    const misspelled = await failure(TEXT.replace('kind = "hub"', 'knid = "hub"'));
    expect(misspelled.message.split("\n")).toHaveLength(1);
    expect(misspelled.details).toMatchObject({ key: "knid", suggestion: "kind", column: 14 });
  });

  test("text that is no TOML is shown, with what may be behind it", async () => {
    const { message } = await failure(TEXT.replace('license = "MIT"', 'license = "MIT'));
    expect(message).toContain("is the quote at the end of the line missing?");
    expect(message).toContain('license = "MIT\n');
    const twice = await failure(TEXT.replace("dimension = 768", "dimension = 768\ndimension = 768"));
    expect(twice.message).toContain("there a second time");
    const python = await failure(TEXT.replace("normalize = true", "normalize = True"));
    expect(python.message).toContain("true and false are written in lower case");
  });

  test("text that is no TOML, and bytes that are no text", async () => {
    expect((await failure("version = 1\nmodels = [")).details).toMatchObject({ line: 2 });
    expect((await failure(new Uint8Array([0x76, 0xff, 0xfe]))).message).toContain("not UTF-8");
    expect((await failure('version = 1\n[models."__proto__"]\nname = "x"')).details.key).toBe("__proto__");
    expect((await failure("version = 1\n[[models]]\nname = 1")).message).toContain("must be a table");
    expect((await failure(`version = 1\nx = ${"[".repeat(5_000)}${"]".repeat(5_000)}`)).code).toBe(
      "REGISTRY_INVALID",
    );
  });

  test("control characters of a file do not reach a message", async () => {
    const error = await failure(`version = 1\n"\\u001b[2Jmodels" = 1\n`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
