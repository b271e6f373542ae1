/** The sets of files that the choice of a runtime weighs, and what the registry makes of its verdict. */
import { describe, expect, test } from "bun:test";
import type { Runtime } from "@patina/core";
import { chooseVariant, openRegistry } from "../src/index.ts";
import { Fixture } from "./support/fixture.ts";

async function builtIn(fixture: Fixture) {
  return await openRegistry({ home: fixture.home, env: {} });
}

describe("offers", () => {
  test("have the size of the weights for every variant of the built-in registry", async () => {
    using fixture = new Fixture();
    const registry = await builtIn(fixture);
    const { offers, others } = await registry.offers("qwen3-embedding-8b");
    expect(offers).toEqual([
      { model: "qwen3-embedding-8b", variant: "q4", runtime: "mlx", weights: 4_257_000_000 },
      { model: "qwen3-embedding-8b", variant: "fp32", runtime: "onnx", weights: 30_270_000_000 },
    ]);
    const variants = registry.models().flatMap((entry) => entry.variants).length;
    expect(offers.length + others.length).toBe(variants);
    expect(others.filter(({ weights }) => weights === undefined)).toEqual([]);
  });

  test("take a file's own size before the entry's estimate, and leave it open where neither says", async () => {
    using fixture = new Fixture();
    const file = (role: string, size: string) =>
      `[[models.a.variants.files]]\nrole = "${role}"\npath = "${role}"\n${size}\n` +
      `sources = [{ kind = "url", url = "https://example.org/${role}" }]\n`;
    const variant = (name: string, facts: string, ...files: string[]) =>
      `[[models.a.variants]]\nname = "${name}"\nruntime = "onnx"\n${facts}\n${files.join("")}`;
    const builtin = fixture.write(
      "registry.toml",
      `version = 1
[models.a]
name = "A"
description = "a"
license = "MIT"
architecture = "bert"
dimension = 8
max_tokens = 8
pooling = "mean"
normalize = true
[[models.a.files]]
role = "tokenizer"
path = "tokenizer.json"
size = 50
sources = [{ kind = "url", url = "https://example.org/tokenizer.json" }]
${variant("sized", "weights_size = 7", file("weights", "size = 100"), file("external-data", "size = 20"), file("config", "size = 3"))}
${variant("half", "weights_size = 7", file("weights", "size = 100"), file("external-data", ""))}
${variant("open", "", file("weights", ""))}`,
    );
    const registry = await openRegistry({ home: fixture.home, env: {}, builtin });
    const weights = (await registry.offers("a")).offers.map((offer) => offer.weights);
    expect(weights).toEqual([120, 7, undefined]);
    const { offers, others } = await registry.offers("a", { variant: "half" });
    expect(offers.map(({ variant: name }) => name)).toEqual(["half"]);
    expect(others.map(({ variant: name }) => name)).toEqual(["sized", "open"]);
    await expect(registry.offers("a", { variant: "hall" })).rejects.toMatchObject({
      code: "VARIANT_UNKNOWN",
    });
  });
});

test("what is too large is never the choice, and its reason is told", async () => {
  using fixture = new Fixture();
  const registry = await builtIn(fixture);
  const runtime: Runtime = "onnx";
  const tooLarge = [{ variant: "fp32", runtime, reason: "it needs more than there is" }];
  const decision = await registry.choose("e5-base-v2", { runtime, tooLarge });
  expect(decision.opinions[0]).toEqual({ ...tooLarge[0], taken: false } as never);
  // Being the only one left is no measurement: what `auto` may take does not widen.
  const left = { name: "q4", runtime, obstacle: null };
  const large = { name: "fp32", runtime, numerics: "float32", obstacle: "too large" } as const;
  expect(chooseVariant([large, left], {}).variant).toBeNull();
});
