import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { patina } from "./support/patina.ts";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const VARIANTS = [
  { name: "fp32", facts: 'numerics = "float32"' },
  { name: "other", facts: "" },
];

describe("model show", () => {
  test("facts, variants, files, and what auto comes to", async () => {
    using tiny = new TinyHome(VARIANTS);
    const before = await tiny.run(["model", "show", TINY]);
    expect(before.code).toBe(0);
    expect(before.out).toMatch(/^ {2}licence +MIT$/m);
    expect(before.out).toMatch(/^ {2}query +"query: \{text\}"$/m);
    expect(before.out).toContain(join(tiny.home, "models.toml"));
    expect(before.out).toMatch(/^ {2}not taken +fp32 \(onnx\): not on this machine/m);
    expect(before.out).toContain("sha256  pinned on first use");

    await tiny.run(["model", "add", TINY, "--variant", "fp32"]);
    const after = await tiny.run(["model", "show", TINY]);
    expect(after.out).toMatch(/^fp32 +onnx +float32 +1 +\d+ KB +installed$/m);
    expect(after.out).toMatch(/^ {2}taken +fp32 \(onnx\): float32 itself/m);
    expect(after.out).toMatch(/sha256 {2}[0-9a-f]{64}, pinned in the lock/);
    expect(after.out).toContain(`here    verified, fp32 (onnx): ${tiny.home}`);
  });

  test("JSON has the same, and every key for every model", async () => {
    using tiny = new TinyHome(VARIANTS);
    const { code, out } = await tiny.run(["model", "show", TINY, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      key: TINY,
      origin: "user",
      minDimension: null,
      check: null,
      recipe: null,
      variants: [
        { variant: "fp32", numerics: "float32" },
        { variant: "other", numerics: null },
      ],
      choice: { requested: "auto", variant: null },
    });
  });

  test("whether the recipe uses it, and the recipe's own wish", async () => {
    using tiny = new TinyHome(VARIANTS);
    using repository = new Repository();
    repository.write(".patina/oxidize.yaml", `embedding_model: ${TINY}\nvariant: other\n`);
    const used = await tiny.run(["model", "show", TINY], repository.root);
    expect(used.out).toContain("oxidize.yaml uses this model");
    expect(used.out).toMatch(/^variant other, here$/m);
    const other = await tiny.run(["model", "show", "minilm"], repository.root);
    expect(other.out).toContain("oxidize.yaml uses another model");
  });

  test("an entry that nobody trusted is shown, with what keeps it from being used", async () => {
    using tiny = new TinyHome(VARIANTS);
    using repository = new Repository();
    const overlay = await Bun.file(join(tiny.home, "models.toml")).text();
    repository.write(
      ".patina/models.toml",
      overlay.replaceAll(/path = "\//g, 'path = "').replaceAll(TINY, "theirs"),
    );
    const { code, out } = await tiny.run(["model", "show", "theirs"], repository.root);
    expect(code).toBe(0);
    expect(out).toContain("not trusted: read it, then run `patina trust`");
    expect(out).toMatch(/^ {2}not used +theirs comes from this project's/m);
  });

  test("what a registry says reaches a terminal without its control characters", async () => {
    using tiny = new TinyHome(VARIANTS);
    const file = join(tiny.home, "models.toml");
    const text = await Bun.file(file).text();
    writeFileSync(file, text.replace('name = "Tiny"', 'name = "\\u001b[2JTiny"'));
    const { out } = await tiny.run(["model", "show", TINY]);
    expect(out).toContain("␛[2JTiny");
    expect(out).not.toContain("\u001b");
  });
});

describe("model search", () => {
  test("a table for people, JSON for programs", async () => {
    const { code, out } = await patina(["model", "search", "MiniLM", "paraphrase"]);
    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([expect.stringMatching(/^paraphrase-minilm-l3-v2 /), ""]);
    const { models, suggestion } = JSON.parse((await patina(["model", "search", "qwen3", "--json"])).out);
    expect(models.map(({ key }: { key: string }) => key)).toEqual([
      "qwen3-embedding-0.6b",
      "qwen3-embedding-4b",
      "qwen3-embedding-8b",
    ]);
    expect(suggestion).toBeNull();
  });

  test("nothing found: exit code 1 and the nearest key", async () => {
    const { code, out } = await patina(["model", "search", "e6", "bose", "v2"]);
    expect(code).toBe(1);
    expect(out).toBe('no model fits "e6 bose v2"; did you mean e5-base-v2?\n');
    const json = await patina(["model", "search", "e6", "bose", "v2", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toEqual({ models: [], suggestion: "e5-base-v2" });
  });
});
