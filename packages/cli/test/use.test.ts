import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const VARIANTS = [{ name: "fp32", facts: 'numerics = "float32"' }, { name: "other" }];

const recipeOf = (repository: Repository): string =>
  readFileSync(join(repository.root, ".patina/oxidize.yaml"), "utf8");

test("the way from one model to another, each step as the one before names it", async () => {
  using tiny = new TinyHome(VARIANTS);
  using repository = new Repository();
  repository.write("a.txt", "a text\n").commit("Begin");
  const run = (...args: string[]) => tiny.run(args, repository.root);

  const first = await run("model", "use", TINY);
  expect(first.code).toBe(0);
  expect(first.out).toContain("oxidize.yaml: edit it to choose what is indexed");
  expect(first.out).toContain("nothing is indexed yet\n");
  expect(first.out).toEndWith(`next: patina model add ${TINY}\nnext: patina oxidize\n`);
  expect((await run("model", "add", TINY)).code).toBe(0);
  expect((await run("oxidize")).code).toBe(0);

  const same = await run("model", "use", TINY);
  expect(same.out).toContain("says so already; nothing was changed");
  expect(same.out).toContain(`was made by ${TINY} fp32 (onnx), and stays as it is`);
  expect(same.out).not.toContain("next:");

  const before = recipeOf(repository);
  const other = await run("model", "use", TINY, "--variant", "other");
  expect(other.out).toContain("oxidize.yaml: variant was auto, is other\n");
  expect(other.out).toMatch(
    /^the index \(generation \S+\) was made by tiny-prompts fp32 \(onnx\): not what the recipe asks for now$/m,
  );
  expect(other.out).toContain("has embedded its 2 texts anew");
  expect(other.out).toEndWith(`next: patina model add ${TINY} --variant other\nnext: patina oxidize\n`);
  expect(recipeOf(repository)).toBe(before.replace("variant: auto ", "variant: other "));

  const json = JSON.parse((await run("model", "use", "minilm", "--variant", "auto", "--json")).out);
  expect(json).toMatchObject({
    key: "all-minilm-l6-v2",
    created: false,
    changes: [{ key: "embedding_model", before: TINY, after: "all-minilm-l6-v2" }, { key: "variant" }],
    index: { model: { key: TINY }, texts: 2, fits: false },
    next: ["next: patina model add all-minilm-l6-v2", "next: patina oxidize"],
  });
  // The old index serves until the new one is there.
  expect((await run("scry", "text")).code).toBe(0);
}, 30_000);

test("an unknown key names the nearest, and the recipe stays", async () => {
  using tiny = new TinyHome(VARIANTS);
  using repository = new Repository();
  repository.write(".patina/oxidize.yaml", "embedding_model: old # mine\n");
  const { code, error } = await tiny.run(["model", "use", "tiny-promts"], repository.root);
  expect(code).toBe(4);
  expect(error).toContain('did you mean "tiny-prompts"?');
  const cut = "embedding_model: old\ndimension: 16\n";
  repository.write(".patina/oxidize.yaml", cut);
  const refused = await tiny.run(["model", "use", TINY], repository.root);
  expect(refused.code).toBe(3);
  expect(refused.error).toContain("cannot be cut");
  expect(recipeOf(repository)).toBe(cut);
});

test("an index that cannot be read does not keep the recipe from being changed", async () => {
  using tiny = new TinyHome(VARIANTS);
  using repository = new Repository();
  repository.write("a.txt", "a text\n").commit("Begin");
  await tiny.run(["model", "add", TINY]);
  await tiny.run(["oxidize", "--model", TINY], repository.root);
  const current = join(repository.root, ".patina/local/current");
  const manifest = join(repository.root, ".patina/local/generations", readFileSync(current, "utf8").trim());
  writeFileSync(join(manifest, "manifest.json"), "{");
  const { code, out } = await tiny.run(["model", "use", TINY, "--variant", "fp32"], repository.root);
  expect(code).toBe(0);
  expect(out).toContain("manifest.json is damaged");
  expect(out).toEndWith("next: patina oxidize\n");
}, 30_000);
