import * as v from "valibot";
import type { Known } from "./questions.ts";
import { type ImportSource, readJson } from "./source.ts";

const LIMIT = v.pipe(v.number(), v.minValue(1));
const SENTENCE = "sentence_bert_config.json";
const TOKENIZER = "tokenizer_config.json";

/** Tokenizers without a limit say 10^30. */
const NO_LIMIT = 1e9;

/**
 * Tokens a text may have, as sentence-transformers has it: what its own file says, else the smaller of what the
 * model's positions and its tokenizer allow.
 */
export async function readLimit(
  source: ImportSource,
  positions: number | undefined,
): Promise<Known<number> | undefined> {
  const sentence = await readJson(source, SENTENCE, v.object({ max_seq_length: v.nullish(LIMIT) }));
  const stated = sentence?.max_seq_length;
  if (stated != null) return { value: stated, from: SENTENCE };
  const tokenizer = await readJson(source, TOKENIZER, v.object({ model_max_length: v.nullish(LIMIT) }));
  const limit = tokenizer?.model_max_length ?? NO_LIMIT;
  if (limit < Math.min(NO_LIMIT, positions ?? NO_LIMIT)) return { value: limit, from: TOKENIZER };
  return positions === undefined ? undefined : { value: positions, from: "config.json" };
}
