import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeModel, type RecipeModel } from "../src/index.ts";
import { failure } from "./fixtures/failure.ts";

const MODEL: RecipeModel = {
  key: "new",
  aliases: ["n"],
  dimension: 64,
  variants: [
    { name: "fp32", runtime: "onnx" },
    { name: "int8", runtime: "onnx" },
    { name: "q4", runtime: "mlx" },
  ],
};

let root = "";
const file = (): string => join(root, ".patina/oxidize.yaml");
const recipe = (text: string): void => writeFileSync(file(), text);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "patina-recipe-"));
  mkdirSync(join(root, ".patina"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("comments, order and quotes stay; what changed is told by its key", async () => {
  recipe("# ours\nvariant: 'auto' # open\nembedding_model: \"old\"   # the model\nsources: {}\n");
  const { changes, created } = await changeModel(root, MODEL, { variant: "int8" });
  expect(created).toBe(false);
  expect(changes).toEqual([
    { key: "embedding_model", before: "old", after: "new" },
    { key: "variant", before: "auto", after: "int8" },
  ]);
  expect(readFileSync(file(), "utf8")).toBe(
    "# ours\nvariant: int8 # open\nembedding_model: new   # the model\nsources: {}\n",
  );
});

test("a recipe that says so already keeps its bytes, by an alias too", async () => {
  const text = "embedding_model: n\nruntime: onnx\n";
  recipe(text);
  expect((await changeModel(root, MODEL, { runtime: "onnx" })).changes).toEqual([]);
  expect(readFileSync(file(), "utf8")).toBe(text);
});

test("where there is no recipe one is written", async () => {
  const { created, changes, recipe: made } = await changeModel(root, MODEL, { variant: "q4" });
  expect(created).toBe(true);
  expect(changes).toEqual([{ key: "variant", before: "auto", after: "q4" }]);
  expect(made).toMatchObject({ embeddingModel: "new", variant: "q4" });
});

test.each([
  [
    "a variant that the recipe names and the model lacks",
    "variant: fp16\n",
    {},
    /no files for variant fp16 on runtime auto; it has fp32/,
  ],
  ["a variant for another runtime", "runtime: mlx\n", { variant: "int8" }, /variant int8 on runtime mlx/],
  ["a cut, where the model cannot be cut", "dimension: 32\n", {}, /new has 64, and cannot be cut/],
] as const)("%s is refused, and the recipe stays", async (_name, keys, wish, message) => {
  const text = `embedding_model: old\n${keys}`;
  recipe(text);
  const error = await failure(changeModel(root, MODEL, wish));
  expect(error).toMatchObject({ code: "RECIPE_INVALID", details: { file: file() } });
  expect(error.message).toMatch(message);
  expect(readFileSync(file(), "utf8")).toBe(text);
});

test("a cut within what the model was trained for is taken, one below it is not", async () => {
  const matryoshka = { ...MODEL, minDimension: 16 };
  recipe("embedding_model: old\ndimension: 16\n");
  expect((await changeModel(root, matryoshka, {})).recipe.dimension).toBe(16);
  recipe("embedding_model: old\ndimension: 8\n");
  expect((await failure(changeModel(root, matryoshka, {}))).message).toContain("may be cut to 16 to 64");
});
