import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ImportOptions } from "../src/index.ts";
import { rejection } from "./support/fixture.ts";
import { ANSWERS, ModelFolder } from "./support/model-folder.ts";

const module = (index: number, path: string, type: string) => ({
  idx: index,
  name: String(index),
  path,
  type,
});
const NAMES = "sentence_transformers.models.";
const TWO = [module(0, "", `${NAMES}Transformer`), module(1, "1_Pooling", `${NAMES}Pooling`)];

const cases: [
  name: string,
  change: (model: ModelFolder) => unknown,
  code: string,
  message: RegExp,
  options?: ImportOptions,
][] = [
  ["no config.json", (model) => model.remove("config.json"), "INVALID_INPUT", /has no config\.json/],
  [
    "a config.json cut short",
    (model) => model.write("config.json", "{"),
    "INVALID_INPUT",
    /config\.json.* is no JSON/,
  ],
  [
    "a config.json of another kind",
    (model) => model.write("config.json", { hidden_size: "32" }),
    "INVALID_INPUT",
    /hidden_size is not what it should be/,
  ],
  [
    "an architecture that no engine computes",
    (model) => model.write("config.json", { model_type: "xlm-roberto" }),
    "UNSUPPORTED",
    /"xlm-roberto"; the engines compute bert, xlm-roberta/,
  ],
  [
    "a Dense module",
    (model) => model.write("modules.json", [...TWO, module(2, "2_Dense", `${NAMES}Dense`)]),
    "UNSUPPORTED",
    /models\.Dense as module 3, which the engines do not compute/,
  ],
  [
    "a pooling that no engine does",
    (model) =>
      model.write("1_Pooling/config.json", {
        pooling_mode_mean_tokens: false,
        pooling_mode_max_tokens: true,
      }),
    "UNSUPPORTED",
    /pools by max_tokens/,
  ],
  [
    "two poolings at once",
    (model) => model.write("1_Pooling/config.json", { pooling_mode_cls_token: true }),
    "UNSUPPORTED",
    /pools by cls_token and mean_tokens/,
  ],
  [
    "a pooling without the prompt",
    (model) => model.write("1_Pooling/config.json", { include_prompt: false }),
    "UNSUPPORTED",
    /include_prompt/,
  ],
  [
    "a pooling of another width",
    (model) => model.write("1_Pooling/config.json", { word_embedding_dimension: 64 }),
    "UNSUPPORTED",
    /vectors of 64 numbers, and config\.json says 32/,
  ],
  [
    "an answer that a file contradicts",
    () => {},
    "INVALID_INPUT",
    /--pooling says cls and 1_Pooling\/config\.json says mean/,
    { pooling: "cls" },
  ],
  [
    "a default prompt that there is none of",
    (model) => model.write("config_sentence_transformers.json", { default_prompt_name: "x" }),
    "INVALID_INPUT",
    /default_prompt_name "x"/,
  ],
  [
    "texts in lower case",
    (model) => model.write("sentence_bert_config.json", { do_lower_case: true }),
    "UNSUPPORTED",
    /do_lower_case/,
  ],
  ["no tokenizer.json", (model) => model.remove("tokenizer.json"), "INVALID_INPUT", /has no tokenizer\.json/],
  [
    "no weights",
    (model) => model.remove("onnx", "model.safetensors"),
    "INVALID_INPUT",
    /no \*\.onnx at its top or in onnx\/, no model\.safetensors/,
  ],
  [
    "weights that are no ONNX file",
    (model) => model.write("onnx/model.onnx", "version https://git-lfs.github.com/spec/v1"),
    "INTEGRITY",
    /model\.onnx is no whole ONNX file/,
  ],
  [
    "safetensors that are none",
    (model) => model.write("model.safetensors", "version https://git-lfs.github.com/spec/v1"),
    "INTEGRITY",
    /model\.safetensors is no safetensors file/,
  ],
  [
    "shards that are not all there",
    (model) =>
      model
        .remove("model.safetensors")
        .write("model.safetensors.index.json", '{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'),
    "INVALID_INPUT",
    /keeps tensors in model-00001-of-00002\.safetensors, which is not there/,
  ],
  [
    "a shard outside of the folder",
    (model) =>
      model
        .remove("model.safetensors")
        .write("model.safetensors.index.json", '{"weight_map": {"a": "../../x"}}'),
    "INTEGRITY",
    /"\.\.\/\.\.\/x", a path that has an empty, "\." or "\.\." part/,
  ],
  [
    "numerics of a variant that there is none of",
    () => {},
    "INVALID_INPUT",
    /--numerics names the variant "fp8"; .* has fp32/,
    { numerics: { fp8: "float16" } },
  ],
  [
    "numerics that the file contradicts",
    () => {},
    "INVALID_INPUT",
    /the file itself is in float32/,
    { numerics: { fp32: "float16" } },
  ],
];

test.each(cases)(
  "%s is refused, and nothing is written",
  async (_name, change, code, message, options = {}) => {
    using model = new ModelFolder("bert-prompts");
    change(model);
    const error = await rejection(model.import({ ...ANSWERS, ...options }));
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
    expect(await Bun.file(join(model.home, "models.toml")).exists()).toBe(false);
  },
);

test("data that a graph keeps in a file that is not there", async () => {
  using model = new ModelFolder("qwen3-plain");
  rmSync(join(model.folder, "onnx/model.onnx_data"));
  const error = await rejection(model.import(ANSWERS));
  expect((error as Error).message).toMatch(
    /onnx\/model\.onnx of .* keeps tensors in onnx\/model\.onnx_data, which is not there/,
  );
});

test("what no file says is asked for at once, flag by flag", async () => {
  using model = new ModelFolder("bert-mean");
  model.remove("1_Pooling", "modules.json", "sentence_bert_config.json", "tokenizer_config.json");
  model.write("config.json", { max_position_embeddings: undefined });
  const error = await rejection(model.import());
  expect(error).toMatchObject({
    code: "INVALID_INPUT",
    details: {
      key: "--pooling --normalize --max-tokens --license --query-template --passage-template",
    },
  });
  const { entry } = await model.import({ ...ANSWERS, pooling: "cls", normalize: false, maxTokens: 99 });
  expect(entry).toMatchObject({ pooling: "cls", normalize: false, maxTokens: 99 });
});

test("a folder that is none", async () => {
  using model = new ModelFolder("bert-mean");
  rmSync(model.folder, { recursive: true });
  expect(String(await rejection(model.import()))).toContain("does not exist");
});
