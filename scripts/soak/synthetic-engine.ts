/** An engine whose vectors cost nothing, for an index of a size that would take a model an hour. */
import type { EmbeddingEngine } from "@patina/core";
import { EmbeddingMatrix } from "@patina/core";

/** Topics that the vectors lie around, as real ones do: those drawn evenly would all be as far from each other. */
const CENTRES = 200;

/** How far a vector lies from its centre, as a share of the centre's length. */
const SPREAD = 0.8;

/**
 * `engine` as it is to whoever asks who it is, with vectors of its own dimension (or `dimension`) that depend on nothing but
 * the text: an index that is made with it is searched by `engine` itself.
 */
export function synthetic(engine: EmbeddingEngine, dimension: number = engine.dimension): EmbeddingEngine {
  const centres = Array.from({ length: CENTRES }, (_, index) => noise(BigInt(index), dimension));
  const vectorOf = (text: string): Float32Array => {
    const hash = Bun.hash.xxHash3(text);
    const centre = centres[Number(hash % BigInt(CENTRES))] as Float32Array;
    const own = noise(hash, dimension);
    const vector = centre.map((value, place) => value + SPREAD * (own[place] as number));
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const embed: EmbeddingEngine["embed"] = async (text) => ({
    vector: vectorOf(text),
    tokens: 1,
    truncated: false,
    specialTokens: 0,
  });
  return new Proxy(engine, {
    get(target, key) {
      if (key === "dimension") return dimension;
      if (key === "embed" || key === "embedQuery") return embed;
      if (key === "embedPassage") {
        // What a passage may have is told from the tokens that the model adds.
        return async (text: string) => ({
          ...(await embed(text)),
          tokens: (await target.embedPassage(text)).tokens,
        });
      }
      if (key === "embedBatch") {
        return async (texts: readonly string[]) => {
          const data = new Float32Array(texts.length * dimension);
          for (const [row, text] of texts.entries()) data.set(vectorOf(text), row * dimension);
          return new EmbeddingMatrix({
            data,
            rows: texts.length,
            dimension,
            tokens: new Uint32Array(texts.length).fill(1),
            truncated: new Uint8Array(texts.length),
            specialTokens: new Uint32Array(texts.length),
          });
        };
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Numbers of mean 0, the same for the same seed. */
function noise(seed: bigint, count: number): Float32Array {
  const vector = new Float32Array(count);
  let low = Number(seed & 0xffffffffn) >>> 0;
  let high = (Number(seed >> 32n) ^ 0x9e3779b9) >>> 0;
  for (let place = 0; place < count; place++) {
    // Two xorshift32 over the halves, added: even enough for directions, and a hundred times as fast as hashing.
    low ^= low << 13;
    low ^= low >>> 17;
    low ^= low << 5;
    high ^= high << 7;
    high ^= high >>> 9;
    high ^= high << 8;
    vector[place] = ((low + high) | 0) / 2 ** 31;
  }
  return vector;
}
