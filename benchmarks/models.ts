/** The models under measurement: one folder in Hugging Face layout each, which is transformers.js' local layout too. */

/** A model as every contender is handed it. */
export interface Model {
  readonly id: ModelId;
  readonly label: string;
  /** Folder below the models' folder; transformers.js takes it for the model's name. */
  readonly folder: string;
  /** Weights inside that folder. */
  readonly weights: string;
  /** The file beside the weights that holds most of them, where there is one. */
  readonly externalData?: string;
  /** What transformers.js calls the weights, and takes the file name from. */
  readonly dtype: "fp32" | "q8";
  readonly architecture: "bert" | "qwen3";
  /** How token vectors become one. */
  readonly pooling: "mean" | "last";
  readonly dimension: number;
  /** The limit everyone cuts at, special tokens included. MiniLM's `tokenizer.json` bakes in 128: not the reference's. */
  readonly maxTokens: number;
  /**
   * Smallest cosine that two contenders may be apart on a text that fits; below it they did not do the same work. A
   * dynamic int8 file scales its activations per run, so there batch-mates and padding move a vector.
   */
  readonly leastAgreement: number;
}

export type ModelId =
  | "minilm-fp32"
  | "minilm-int8"
  | "minilm-int8-weights"
  | "e5-base-fp32"
  | "qwen3-0.6b-fp32";

/** The key under which `patina` knows MiniLM, and its folder's name. */
export const MODEL = "all-minilm-l6-v2";
/** The key of the same model with the per-channel dynamic int8 file. */
export const INT8_MODEL: string = `${MODEL}-int8`;

const BERT = { architecture: "bert", pooling: "mean" } as const;
const MINILM = { ...BERT, dimension: 384, maxTokens: 256 } as const;

export const MODELS: Readonly<Record<ModelId, Model>> = {
  "minilm-fp32": {
    ...MINILM,
    id: "minilm-fp32",
    label: "MiniLM-L6 float32",
    folder: MODEL,
    weights: "onnx/model.onnx",
    dtype: "fp32",
    leastAgreement: 0.9999,
  },
  "minilm-int8": {
    ...MINILM,
    id: "minilm-int8",
    label: "MiniLM-L6 int8 (per-channel, dynamic)",
    folder: INT8_MODEL,
    weights: "onnx/model_quantized.onnx",
    dtype: "q8",
    leastAgreement: 0.95,
  },
  "minilm-int8-weights": {
    ...MINILM,
    id: "minilm-int8-weights",
    label: "MiniLM-L6 int8 (weights only)",
    folder: MODEL,
    weights: "onnx/model_quantized.onnx",
    dtype: "q8",
    leastAgreement: 0.9999,
  },
  "e5-base-fp32": {
    ...BERT,
    id: "e5-base-fp32",
    label: "E5-base's shape, random weights, float32",
    folder: "e5-base-shape",
    weights: "onnx/model.onnx",
    dtype: "fp32",
    dimension: 768,
    maxTokens: 512,
    leastAgreement: 0.9999,
  },
  "qwen3-0.6b-fp32": {
    id: "qwen3-0.6b-fp32",
    label: "Qwen3-Embedding-0.6B's shape, random weights, float32",
    folder: "qwen3-0.6b-shape",
    weights: "onnx/model.onnx",
    externalData: "onnx/model.onnx_data",
    dtype: "fp32",
    architecture: "qwen3",
    pooling: "last",
    dimension: 1024,
    maxTokens: 32_768,
    leastAgreement: 0.999,
  },
};

/** What config.json says of an encoder's linear layers; the last two are Qwen3's. */
export interface Configuration {
  readonly num_hidden_layers: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number;
  readonly head_dim?: number;
}

/**
 * Floating-point operations of a token in the linear layers, a multiplication and an addition for each weight: queries,
 * keys, values and output of the attention, two products of BERT's feed-forward part, three of Qwen3's gated one. What
 * attention adds is left out: it depends on the text's length and is under 3 % at 108 tokens of MiniLM.
 */
export function operationsPerToken(
  { architecture }: Pick<Model, "architecture">,
  configuration: Configuration,
): number {
  const { num_hidden_layers: layers, hidden_size: hidden, intermediate_size: wide } = configuration;
  const { num_attention_heads: heads, num_key_value_heads: keyHeads = heads } = configuration;
  const { head_dim: head = hidden / heads } = configuration;
  const attention = 2 * hidden * head * (heads + keyHeads);
  const feedForward = (architecture === "bert" ? 2 : 3) * hidden * wide;
  return 2 * layers * (attention + feedForward);
}
