/** A Qwen3 in MLX's 4 bits with the width of a real one and next to nothing else. */

/** Weights that share a scale and a bias. */
const GROUP = 64;
/** bfloat16: what 16 steps of this size from that start cover lies around 0. */
const [SCALE, BIAS, ONE] = [0x3c23, 0xbdac, 0x3f80];
const HEADS = { query: 2, key: 1, width: 32 };
const INNER = 64;

/** The two files of a repository of MLX's: one layer, of which only the width of the vectors is a real model's. */
export function quantizedQwen3(vocabulary: number, hidden: number): { config: string; weights: Uint8Array } {
  const file = new Safetensors();
  const [queries, keys] = [HEADS.query * HEADS.width, HEADS.key * HEADS.width];
  file.packed("model.embed_tokens", vocabulary, hidden);
  file.packed("model.layers.0.self_attn.q_proj", queries, hidden);
  file.packed("model.layers.0.self_attn.k_proj", keys, hidden);
  file.packed("model.layers.0.self_attn.v_proj", keys, hidden);
  file.packed("model.layers.0.self_attn.o_proj", hidden, queries);
  file.packed("model.layers.0.mlp.gate_proj", INNER, hidden);
  file.packed("model.layers.0.mlp.up_proj", INNER, hidden);
  file.packed("model.layers.0.mlp.down_proj", hidden, INNER);
  for (const name of ["input_layernorm", "post_attention_layernorm"]) {
    file.bfloat16(`model.layers.0.${name}.weight`, [hidden], ONE);
  }
  for (const name of ["q_norm", "k_norm"]) {
    file.bfloat16(`model.layers.0.self_attn.${name}.weight`, [HEADS.width], ONE);
  }
  file.bfloat16("model.norm.weight", [hidden], ONE);
  const config = {
    ...{ model_type: "qwen3", hidden_act: "silu", rms_norm_eps: 1e-6, rope_theta: 1_000_000 },
    ...{ vocab_size: vocabulary, hidden_size: hidden, intermediate_size: INNER, num_hidden_layers: 1 },
    ...{ num_attention_heads: HEADS.query, num_key_value_heads: HEADS.key, head_dim: HEADS.width },
    ...{ max_position_embeddings: 40_960, quantization: { group_size: GROUP, bits: 4 } },
  };
  return { config: JSON.stringify(config), weights: file.bytes() };
}

class Safetensors {
  readonly #header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = {};
  readonly #parts: Uint8Array[] = [];
  #end = 0;

  /** A matrix of 4-bit weights that follow no pattern, the same at each run. */
  packed(path: string, rows: number, columns: number): void {
    const words = new Uint32Array((rows * columns) / 8);
    for (let at = 0, word = 1; at < words.length; at++) {
      word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
      words[at] = word ^ (word >>> 13);
    }
    this.#add(`${path}.weight`, "U32", [rows, columns / 8], words);
    this.bfloat16(`${path}.scales`, [rows, columns / GROUP], SCALE);
    this.bfloat16(`${path}.biases`, [rows, columns / GROUP], BIAS);
  }

  /** A tensor of one number. */
  bfloat16(name: string, shape: number[], bits: number): void {
    const count = shape.reduce((product, size) => product * size, 1);
    this.#add(name, "BF16", shape, new Uint16Array(count).fill(bits));
  }

  #add(name: string, dtype: string, shape: number[], numbers: Uint32Array | Uint16Array): void {
    const begin = this.#end;
    this.#end += numbers.byteLength;
    this.#header[name] = { dtype, shape, data_offsets: [begin, this.#end] };
    this.#parts.push(new Uint8Array(numbers.buffer));
  }

  bytes(): Uint8Array {
    const header = Buffer.from(JSON.stringify(this.#header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, ...this.#parts]);
  }
}
