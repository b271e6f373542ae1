/** A model's folder as `patina-embed` reads it (`from_dir`) and as `model import` does: the same facts, the same refusals. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { ModelEntry } from "../src/index.ts";
import { cargo } from "./support/cargo.ts";
import { rejection } from "./support/fixture.ts";
import { ModelFolder } from "./support/model-folder.ts";

const PROMPTS = "config_sentence_transformers.json";
const LIMIT = "sentence_bert_config.json";

type Case = readonly [what: string, model: string, change: (model: ModelFolder) => unknown];

const plain = (name: string): Case => [name, name, () => undefined];

const READ: readonly Case[] = [
  ...["bert-prompts", "bert-cls", "xlmr-mean", "qwen3-plain"].map(plain),
  ["a lower limit", "bert-prompts", (model) => model.write(LIMIT, { max_seq_length: 64 })],
  [
    "a prompt for passages alone",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { corpus: "text: " }, default_prompt_name: null }),
  ],
  [
    "two names for passages",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { passage: "p: ", document: "d: ", query: "q: " } }),
  ],
];

const REFUSED: readonly Case[] = [
  ["no config.json", "bert-prompts", (model) => model.remove("config.json")],
  ["no tokenizer.json", "bert-prompts", (model) => model.remove("tokenizer.json")],
  ["no pooling", "bert-prompts", (model) => model.remove("1_Pooling")],
  ["an architecture of its own", "bert-prompts", (model) => model.write("config.json", { model_type: "x" })],
  ["a config.json that is no JSON", "bert-prompts", (model) => model.write("config.json", "{")],
];

// On a machine that has not built it yet this takes longer than a test may.
beforeAll(() => void cargo("build", ["--example", "folder_specs"]), 600_000);

/** What both readers say of a folder in which no person says more than the licence. */
async function readInBoth([, name, change]: Case): Promise<{
  rust: Record<string, unknown>;
  model: ModelFolder;
}> {
  const model = new ModelFolder(name);
  change(model);
  return { rust: JSON.parse(cargo("run", ["--example", "folder_specs", "--", model.folder])), model };
}

/** The facts that decide a vector. */
function factsOf(of: Partial<ModelEntry> | Record<string, unknown>): unknown {
  const { architecture, dimension, maxTokens, pooling, normalize, queryTemplate, passageTemplate } =
    of as Partial<ModelEntry>;
  return { architecture, dimension, maxTokens, pooling, normalize, queryTemplate, passageTemplate };
}

describe("the Rust reader of a model's folder and the import", () => {
  test.each(READ)("read alike: %s", async (what, name, change) => {
    const { rust, model } = await readInBoth([what, name, change]);
    using _ = model;
    expect(rust.error).toBeUndefined();
    const { entry } = await model.import({ license: "MIT" });
    expect(factsOf(rust)).toEqual(factsOf(entry));
    const known = JSON.stringify(entry);
    for (const { sha256 } of rust.files as { sha256: string }[]) expect(known).toContain(sha256);
  });

  test.each(REFUSED)("both refuse: %s", async (what, name, change) => {
    const { rust, model } = await readInBoth([what, name, change]);
    using _ = model;
    expect(rust.error).toBeString();
    expect(await rejection(model.import({ license: "MIT" }))).toHaveProperty("code");
  });
});
