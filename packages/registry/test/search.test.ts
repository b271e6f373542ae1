import { describe, expect, test } from "bun:test";
import { openRegistry } from "../src/index.ts";
import { Fixture } from "./support/fixture.ts";

async function search(words: string): Promise<string[]> {
  using fixture = new Fixture();
  const registry = await openRegistry({ home: fixture.home, env: {} });
  return registry.search(words).hits.map(({ entry }) => entry.key);
}

describe("search over the built-in registry", () => {
  const cases: [words: string, keys: string[]][] = [
    ["minilm", ["all-minilm-l6-v2", "paraphrase-minilm-l3-v2"]],
    ["qwen3-embedding-0-6b", ["qwen3-embedding-0.6b"]],
    ["E5", ["e5-base-v2", "multilingual-e5-small", "bge-base-en-v1.5"]],
    ["qwen3 mlx", ["qwen3-embedding-0.6b", "qwen3-embedding-4b", "qwen3-embedding-8b"]],
    ["apache 384", ["all-minilm-l6-v2", "paraphrase-minilm-l3-v2"]],
    ["nomic-bert", ["nomic-embed-text-v1.5"]],
    ["quick start", ["all-minilm-l6-v2"]],
    ["retreival MIT 768", ["bge-base-en-v1.5", "e5-base-v2"]],
    ["  minlm  ", ["all-minilm-l6-v2", "paraphrase-minilm-l3-v2"]],
  ];
  test.each(cases)("%p", async (words, keys) => {
    expect(await search(words)).toEqual(keys);
  });

  test("every word has to fit", async () => {
    expect(await search("minilm mit")).toEqual([]);
    expect(await search("minilm 385")).toEqual([]);
  });

  test("who is called so comes before whose description says so", async () => {
    const found = await search("multilingual");
    expect(found[0]).toBe("multilingual-e5-small");
    expect(found.length).toBeGreaterThan(1);
  });

  test("nothing found names the nearest key, and nothing where none is near", async () => {
    using fixture = new Fixture();
    const registry = await openRegistry({ home: fixture.home, env: {} });
    expect(registry.search("e6 bose v2")).toEqual({ hits: [], suggestion: "e5-base-v2" });
    expect(registry.search("xylophone")).toEqual({ hits: [] });
  });
});
