import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "../src/index.ts";
import { rejection } from "./support/fixture.ts";
import { ANSWERS, ModelFolder } from "./support/model-folder.ts";

describe("what a folder says becomes an entry", () => {
  // The facts that the generator of the fixtures gave its reference implementations.
  const names = ["bert-prompts", "bert-cls", "nomic-mean", "xlmr-mean", "qwen3-plain", "bert-baked"];
  test.each(names)("%s", async (name) => {
    using model = new ModelFolder(name);
    const golden = JSON.parse(readFileSync(join(model.folder, "golden.json"), "utf8"));
    const declared = !["bert-baked"].includes(name);
    const { entry } = await model.import(
      declared ? { license: "MIT" } : { ...ANSWERS, queryTemplate: "{text}" },
    );
    const task: string = golden.default_task ?? "";
    expect(entry).toMatchObject({
      architecture: golden.architecture,
      dimension: golden.dimension,
      maxTokens: golden.max_tokens,
      pooling: golden.pooling,
      normalize: golden.normalize,
    });
    // The prompt in the files has the task filled in already.
    expect(entry.queryTemplate).toBe(golden.query_template?.replace("{task}", task));
    if (declared) expect(entry.passageTemplate).toBe(golden.passage_template ?? undefined);
    const weights = entry.variants.find(({ name: variant }) => variant === golden.variant)?.files ?? [];
    expect(weights.filter(({ role }) => role === "weights").map(({ path }) => path)).toEqual([
      golden.weights,
    ]);
    expect(weights.filter(({ role }) => role === "external-data").map(({ path }) => path)).toEqual(
      golden.external_data ?? [],
    );
  });

  test("each fact names the file it was read from, and what was given says so", async () => {
    using model = new ModelFolder("bert-prompts");
    model.write("README.md", "---\ntags:\n- x\nlicense: apache-2.0\n---\n# Model\nlicense: gpl\n");
    const { facts } = await model.import({ minDimension: 8, name: "Ours" });
    expect(Object.fromEntries(facts.map(({ key, value, from }) => [key, `${value} < ${from}`]))).toEqual({
      name: "Ours < given",
      license: "apache-2.0 < README.md",
      architecture: "bert < config.json",
      dimension: "32 < config.json",
      min_dimension: "8 < given",
      max_tokens: "128 < sentence_bert_config.json",
      pooling: "mean < 1_Pooling/config.json",
      normalize: "true < modules.json",
      query_template: "query: {text} < config_sentence_transformers.json",
      passage_template: "passage: {text} < config_sentence_transformers.json",
    });
  });

  test("variants by what their files are in, not by what they are called; float32 first", async () => {
    using model = new ModelFolder("bert-mean");
    const { entry } = await model.import(ANSWERS);
    expect(entry.variants.map(({ name, runtime, numerics }) => [name, runtime, numerics])).toEqual([
      ["fp32", "onnx", "float32"],
      ["bf16_output", "onnx", "float32"],
      ["pooled", "onnx", "float32"],
      ["pooled_only", "onnx", "float32"],
      ["fp16", "onnx", "float16"],
      ["int8", "onnx", "int8-dynamic"],
      ["fp32", "mlx", "float32"],
    ]);
  });

  test("XLM-R has as many positions fewer as its padding takes, and no other limit may be above", async () => {
    using model = new ModelFolder("xlmr-mean");
    model.remove("sentence_bert_config.json", "tokenizer_config.json");
    const { entry, facts } = await model.import({ license: "MIT" });
    expect(entry.maxTokens).toBe(64);
    expect(facts.find(({ key }) => key === "max_tokens")?.from).toBe("config.json");
    model.write("sentence_bert_config.json", '{"max_seq_length": 68}');
    const error = await rejection(model.import({ license: "MIT", force: true }));
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect(String(error)).toContain("--max-tokens 64");
  });

  test("the tokenizer's limit counts where no other is stated", async () => {
    using model = new ModelFolder("bert-prompts");
    model.write("sentence_bert_config.json", { max_seq_length: null });
    model.write("tokenizer_config.json", { model_max_length: 100 });
    expect((await model.import({ license: "MIT" })).entry.maxTokens).toBe(100);
    model.write("tokenizer_config.json", { model_max_length: 1e30 });
    expect((await model.import({ license: "MIT", force: true })).entry.maxTokens).toBe(128);
  });

  test("prompts by the names of their sides; an empty one is none, and others are told", async () => {
    using model = new ModelFolder("bert-prompts");
    model.write("config_sentence_transformers.json", {
      prompts: { query: "find: ", document: "", corpus: "text: ", sts: "same: " },
    });
    const { entry, unusedPrompts } = await model.import({ license: "MIT" });
    expect([entry.queryTemplate, entry.passageTemplate]).toEqual(["find: {text}", "text: {text}"]);
    expect(unusedPrompts).toEqual(["sts"]);
    const own = await model.import({ license: "MIT", force: true, queryTemplate: "{text}" });
    expect(own.entry.queryTemplate).toBeUndefined();
  });

  // Of sentence-transformers 6.2, `encode` puts "find: " before every text, and `encode_query` nothing.
  test("a side that has the default prompt alone is asked for", async () => {
    using model = new ModelFolder("bert-prompts");
    model.write("config_sentence_transformers.json", {
      prompts: { search: "find: ", corpus: "text: " },
      default_prompt_name: "search",
    });
    const error = await rejection(model.import({ license: "MIT" }));
    expect(error).toMatchObject({ code: "INVALID_INPUT", details: { key: "--query-template" } });
    expect(String(error)).toContain('"find: {text}", as encode');
    const { entry } = await model.import({ license: "MIT", queryTemplate: "find: {text}" });
    expect([entry.queryTemplate, entry.passageTemplate]).toEqual(["find: {text}", "text: {text}"]);
  });

  test("the configuration belongs to every variant, and rotary positions end nowhere", async () => {
    using model = new ModelFolder("nomic-mean");
    model.write("config.json", { max_position_embeddings: 64 });
    const { entry } = await model.import({ license: "MIT" });
    expect(entry.files.map(({ role }) => role)).toEqual(["tokenizer", "config"]);
    expect(entry.maxTokens).toBe(128);
  });
});

describe("an import writes one row and nothing else", () => {
  test("a new overlay names its schema, which lies beside it", async () => {
    using model = new ModelFolder("bert-prompts");
    const { overlay, written } = await model.import({ license: "MIT" });
    expect(written).toBe(true);
    expect(overlay).toBe(join(model.home, "models.toml"));
    expect(readFileSync(overlay, "utf8")).toStartWith("#:schema ./registry.schema.json\nversion = 1\n");
    const schema = join(import.meta.dir, "../../../resources/models/registry.schema.json");
    expect(readFileSync(join(model.home, "registry.schema.json"), "utf8")).toBe(readFileSync(schema, "utf8"));
  });

  test("what stands in the overlay keeps its bytes, also when the row is replaced", async () => {
    using model = new ModelFolder("bert-prompts");
    const overlay = join(model.home, "models.toml");
    const mine = "# mine\r\nversion = 1 # the first\n\n[models]   # nothing yet\n# the end";
    await Bun.write(overlay, mine);
    await model.import({ license: "MIT" });
    const once = readFileSync(overlay, "utf8");
    expect(once).toStartWith(`${mine}\n`);
    await Bun.write(overlay, `${once}\n# below\n`);
    expect(await rejection(model.import({ license: "MIT" }))).toMatchObject({ code: "INVALID_INPUT" });
    await model.import({ license: "Apache-2.0", force: true });
    expect(readFileSync(overlay, "utf8")).toBe(
      `${once.replace('license = "MIT"', 'license = "Apache-2.0"')}\n# below\n`,
    );
  });

  test("a dry run checks all and writes nothing", async () => {
    using model = new ModelFolder("bert-prompts");
    const { toml, written, overlay } = await model.import({ license: "MIT", dryRun: true });
    expect(written).toBe(false);
    expect(toml).toContain("[models.bert-prompts]");
    expect(await Bun.file(overlay).exists()).toBe(false);
    const wrong = model.import({ license: "MIT", dryRun: true, queryTemplate: "query: " });
    expect(await rejection(wrong)).toMatchObject({ code: "REGISTRY_INVALID" });
  });

  test("into a project: its sources are relative, its row tells nothing of the machine, and it wants trust", async () => {
    using model = new ModelFolder("bert-prompts");
    const { overlay, entry } = await model.import({ license: "MIT", overlay: "project" });
    expect(overlay).toBe(join(model.project, ".patina/models.toml"));
    expect(entry.trusted).toBe(false);
    expect(entry.files[0]?.sources).toEqual([{ kind: "dir", path: "models/bert-prompts/tokenizer.json" }]);
    expect(readFileSync(overlay, "utf8")).not.toContain(model.project);
    const registry = await openRegistry({ home: model.home, env: {}, projectDir: model.project });
    expect(registry.entry("bert-prompts").origin).toBe("project");
    const outside = registry.import(join(import.meta.dir, "../../../fixtures/bert-cls"), {
      license: "MIT",
      overlay: "project",
    });
    expect(String(await rejection(outside))).toContain("outside the project");
  });

  test("a key that is taken is refused, unless force says to stand in front of the built-in one", async () => {
    using model = new ModelFolder("bert-prompts");
    const as = (key: string, force = false) => model.import({ license: "MIT", key, force });
    expect(String(await rejection(as("e5-base-v2")))).toContain("--force");
    expect(String(await rejection(as("minilm", true)))).toContain("alias of all-minilm-l6-v2");
    expect(String(await rejection(as("Not A Key")))).toContain("cannot name a model");
    await as("e5-base-v2", true);
    const registry = await openRegistry({ home: model.home, env: {} });
    expect(registry.entry("e5-base-v2")).toMatchObject({ origin: "user", dimension: 32 });
    await Bun.write(join(model.home, "models.toml"), "version = 1\n");
    await model.import({ license: "MIT", overlay: "project", key: "ours" });
    expect(String(await rejection(as("ours", true)))).toContain("stands in front of");
  });

  test("a row that somebody wrote by hand is not replaced", async () => {
    using model = new ModelFolder("bert-prompts");
    const { overlay } = await model.import({ license: "MIT" });
    const text = readFileSync(overlay, "utf8");
    await Bun.write(overlay, text.replaceAll(/^# (>>>|<<<).*$/gm, "# mine"));
    const error = await rejection(model.import({ license: "MIT", force: true }));
    expect(String(error)).toContain("no import wrote it");
  });
});
