import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Known } from "./questions.ts";
import { type ImportSource, readJson } from "./source.ts";

/** Two special tokens and one of content: below that no text has a vector of its own. */
const LIMIT = v.pipe(v.number(), v.minValue(3));
const SETTINGS = v.object({ max_seq_length: v.nullish(LIMIT), do_lower_case: v.nullish(v.boolean()) });
const SENTENCE = "sentence_bert_config.json";
const TOKENIZER = "tokenizer_config.json";

/** Tokenizers without a limit say 10^30. */
const NO_LIMIT = 1e9;

/**
 * Tokens a text may have, as sentence-transformers has it: what its own file says, else the smaller of what the
 * model's positions and its tokenizer allow.
 *
 * @throws PatinaError `UNSUPPORTED` for texts that are to be put into lower case.
 */
export async function readLimit(
  source: ImportSource,
  positions: number | undefined,
): Promise<Known<number> | undefined> {
  const sentence = await readJson(source, SENTENCE, SETTINGS);
  if (sentence?.do_lower_case === true) {
    const message =
      `${SENTENCE} of ${source.label} has texts put into lower case before the tokenizer sees them (do_lower_case), ` +
      "which the engines do not";
    throw new PatinaError("UNSUPPORTED", message, { file: SENTENCE, key: "do_lower_case" });
  }
  const stated = sentence?.max_seq_length;
  if (stated != null) return { value: stated, from: SENTENCE };
  const tokenizer = await readJson(source, TOKENIZER, v.object({ model_max_length: v.nullish(LIMIT) }));
  const limit = tokenizer?.model_max_length ?? NO_LIMIT;
  if (limit < Math.min(NO_LIMIT, positions ?? NO_LIMIT)) return { value: limit, from: TOKENIZER };
  return positions === undefined ? undefined : { value: positions, from: "config.json" };
}
