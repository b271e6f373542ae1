/** An engine that embeds each query once: every list, and every way to rank, is asked with the same ones. */
import type { Embedding, EmbeddingEngine } from "@patina/core";

/** The engine, with the embeddings of queries kept by text; all are asked for alike here, so that options tell none apart. */
export function rememberingQueries(engine: EmbeddingEngine): EmbeddingEngine {
  const known = new Map<string, Promise<Embedding>>();
  const embedQuery: EmbeddingEngine["embedQuery"] = (text, options) => {
    const found = known.get(text) ?? engine.embedQuery(text, options);
    known.set(text, found);
    return found;
  };
  return new Proxy(engine, {
    get(target, key) {
      if (key === "embedQuery") return embedQuery;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
