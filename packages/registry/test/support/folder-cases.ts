/** Models in folders, changed, that the Rust reader of folders and `model import` have to take for the same. */
import type { ModelFolder } from "./model-folder.ts";

/** What is done to a copy of a fixture. */
export type Case = readonly [what: string, model: string, change: (model: ModelFolder) => unknown];

const CONFIG = "config.json";
const PROMPTS = "config_sentence_transformers.json";
const LIMIT = "sentence_bert_config.json";
const TOKENIZER = "tokenizer_config.json";
const POOLING = "1_Pooling/config.json";
const MODULES = "modules.json";

const plain = (name: string): Case => [name, name, () => undefined];

const modules = (...kinds: readonly (readonly [path: string, type: string])[]) =>
  kinds.map(([path, type], idx) => ({
    idx,
    name: `${idx}`,
    path,
    type: `sentence_transformers.models.${type}`,
  }));
const TWO = modules(["", "Transformer"], ["1_Pooling", "Pooling"]);

/** Those that have safetensors in MLX's layout come without modules. */
const pooled = (name: string, way: string): Case => [
  `${name} with modules`,
  name,
  (model) => model.write(MODULES, TWO).write(POOLING, `{"pooling_mode": "${way}"}`),
];

/** Both read them, and say the same. */
export const READ: readonly Case[] = [
  ...["bert-baked", "bert-cls", "bert-mean", "bert-prompts", "nomic-mean", "qwen3-plain", "xlmr-mean"].map(
    plain,
  ),
  pooled("bert-mlx4", "mean"),
  ...["qwen3-float32", "qwen3-mlx-bits", "qwen3-mlx-mixed", "qwen3-mlx4", "qwen3-mlx8"].map((name) =>
    pooled(name, "lasttoken"),
  ),
  ["a lower limit", "bert-prompts", (model) => model.write(LIMIT, { max_seq_length: 64 })],
  [
    "no limit but the tokenizer's",
    "bert-prompts",
    (model) => model.remove(LIMIT).write(TOKENIZER, { model_max_length: 99 }),
  ],
  [
    "no limit but the positions",
    "xlmr-mean",
    (model) => model.remove(LIMIT).write(TOKENIZER, { model_max_length: 1e30 }),
  ],
  [
    "the positions below the tokenizer's limit",
    "bert-cls",
    (model) => model.remove(LIMIT).write(TOKENIZER, { model_max_length: 1000 }),
  ],
  [
    "a limit above rotary positions",
    "qwen3-plain",
    (model) => model.write(LIMIT, { max_seq_length: 100_000 }),
  ],
  [
    "a prompt for passages alone",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { corpus: "text: " } }),
  ],
  [
    "two names for passages",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { passage: "p: ", document: "d: ", query: "q: " } }),
  ],
  [
    "an empty document beside a passage",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { passage: "p: ", document: "", query: "q: " } }),
  ],
  [
    "a default prompt, and one for each side",
    "bert-prompts",
    (model) =>
      model.write(PROMPTS, { prompts: { query: "q: ", document: "d: " }, default_prompt_name: "document" }),
  ],
  [
    "a default prompt that is always there",
    "bert-prompts",
    (model) => model.write(PROMPTS, { default_prompt_name: "document" }),
  ],
  [
    "braces in a prompt of neither side",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { query: "q: ", sts: "{text}" } }),
  ],
  ["no Normalize", "bert-prompts", (model) => model.write(MODULES, TWO)],
  ["a pooling in a word", "bert-prompts", (model) => model.write(POOLING, '{"pooling_mode": "cls"}')],
  ["a pooling in a list", "bert-prompts", (model) => model.write(POOLING, '{"pooling_mode": ["mean"]}')],
];

/** Neither reads them. */
export const REFUSED: readonly Case[] = [
  ...["bert-mlx4", "qwen3-float32", "qwen3-gqa", "qwen3-mlx4", "qwen3-past", "qwen3-past-fp16"].map(plain),
  ["no config.json", "bert-prompts", (model) => model.remove(CONFIG)],
  ["no tokenizer.json", "bert-prompts", (model) => model.remove("tokenizer.json")],
  ["no weights", "bert-prompts", (model) => model.remove("onnx", "model.safetensors")],
  ["no graph of a NomicBERT", "nomic-mean", (model) => model.remove("onnx")],
  ["no pooling", "bert-prompts", (model) => model.remove("1_Pooling")],
  ["no modules", "bert-prompts", (model) => model.remove(MODULES)],
  [
    "no limit at all",
    "bert-prompts",
    (model) => model.remove(LIMIT, TOKENIZER).write(CONFIG, { max_position_embeddings: undefined }),
  ],
  ["a limit above the positions", "xlmr-mean", (model) => model.write(LIMIT, { max_seq_length: 66 })],
  ["an architecture of its own", "bert-prompts", (model) => model.write(CONFIG, { model_type: "x" })],
  ["a config.json that is no JSON", "bert-prompts", (model) => model.write(CONFIG, "{")],
  [
    "a model below the folder",
    "bert-prompts",
    (model) => model.write(MODULES, modules(["0_Transformer", "Transformer"], ["1_Pooling", "Pooling"])),
  ],
  [
    "a Normalize in place of the pooling",
    "bert-prompts",
    (model) => model.write(MODULES, modules(["", "Transformer"], ["1", "Normalize"])),
  ],
  [
    "a default prompt that there is none of",
    "bert-prompts",
    (model) => model.write(PROMPTS, { default_prompt_name: "x" }),
  ],
  [
    "a default prompt and none for passages",
    "bert-prompts",
    (model) => model.write(PROMPTS, { prompts: { query: "q: " }, default_prompt_name: "query" }),
  ],
  ["braces in a prompt", "bert-prompts", (model) => model.write(PROMPTS, { prompts: { query: "{task}: " } })],
  ["two poolings", "bert-prompts", (model) => model.write(POOLING, { pooling_mode: ["mean", "cls"] })],
  [
    "a shard that is not there",
    "qwen3-float32",
    (model) => pooled("qwen3-float32", "lasttoken")[2](model.remove("model-00002-of-00002.safetensors")),
  ],
];

/** Values for {@link KEYS}, of every kind that JSON has. */
const VALUES: readonly unknown[] = [undefined, null, 0, 2, 32, 64.5, -1, "mean", "", true, false, [], {}];

/** What decides a vector, by the file that says it. */
const KEYS: readonly (readonly [file: string, ...keys: string[]])[] = [
  [CONFIG, "model_type", "hidden_size", "max_position_embeddings"],
  [LIMIT, "max_seq_length", "do_lower_case"],
  [TOKENIZER, "model_max_length"],
  [POOLING, "pooling_mode", "pooling_mode_mean_tokens", "word_embedding_dimension", "include_prompt"],
  [PROMPTS, "prompts", "default_prompt_name"],
];

/** Each key with each value: both readers take it and say the same, or neither does. */
export const EDITED: readonly Case[] = KEYS.flatMap(([file, ...keys]) =>
  keys.flatMap((key) =>
    VALUES.map(
      (value): Case => [
        `${key} ${JSON.stringify(value)}`,
        "bert-prompts",
        // The tokenizer's limit counts where the model's own file has none.
        (model) =>
          (file === TOKENIZER ? model.write(LIMIT, { max_seq_length: null }) : model).write(file, {
            [key]: value,
          }),
      ],
    ),
  ),
);
