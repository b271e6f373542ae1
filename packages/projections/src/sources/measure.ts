import type { EmbeddingEngine } from "@patina/core";

/** How long texts are for the one who will read them. */
export interface Measure {
  /** What the whole text of a passage may come to, its header included; 16 at least. */
  readonly limit: number;
  /** Names limit and way of counting: a part of every fingerprint. */
  readonly id: string;
  /** The length of each text by itself, `[texts]`. */
  count(texts: readonly string[]): Promise<Uint32Array>;
}

/** Less is no passage: a header would leave no room for a body. */
export const MIN_LIMIT = 16;

/**
 * Tokens of a passage where the model takes more. A longer one says several things at once, and none of them is near a
 * question about one.
 */
export const MAX_TOKENS = 320;

/** Characters that a passage of {@link MAX_TOKENS} has about, and the least that is cut. */
const CHARACTERS = { most: 1000, least: 100 };

/**
 * Characters of source code per token, on the safe side: this repository has 3.0 with BERT's vocabulary, and
 * with 2.6 and a limit of 256 tokens hardly a passage loses its end (at 1,000 characters two of three do).
 */
const CHARACTERS_PER_TOKEN = 2.6;

/**
 * The tokens of a model: what it takes of a passage, without its special tokens and its template, and at most `most`.
 * Asks the engine to embed one word, to see what it adds.
 */
export async function measureByTokens(engine: EmbeddingEngine, most: number = MAX_TOKENS): Promise<Measure> {
  const word = "a";
  const [{ tokens }, counts] = await Promise.all([engine.embedPassage(word), engine.countTokens([word])]);
  const added = tokens - (counts[0] ?? 0);
  const limit = Math.max(MIN_LIMIT, Math.min(most, engine.maxTokens - added));
  return {
    limit,
    id: `tokens ${limit} ${engine.encoderId.slice(0, 16)}`,
    count: (texts) => engine.countTokens(texts),
  };
}

/** UTF-16 units, for those who have no engine at hand: as many as a model of `maxTokens` takes for sure. */
export function measureByCharacters(maxTokens: number = MAX_TOKENS): Measure {
  const fitting = Math.floor(maxTokens * CHARACTERS_PER_TOKEN);
  const limit = Math.max(CHARACTERS.least, Math.min(CHARACTERS.most, fitting));
  return {
    limit,
    id: `characters ${limit}`,
    count: async (texts) => Uint32Array.from(texts, (text) => text.length),
  };
}
