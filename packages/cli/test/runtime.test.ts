/** Which runtime runs a model, told by the command: the memory of the machine, what is too large, and the doctor. */
import { describe, expect, test } from "bun:test";
import { nativeFacts } from "@patina/engine";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome, type TinyVariant } from "./support/tiny-model.ts";

const { mlxBuilt } = nativeFacts();

const FP32: TinyVariant = { name: "fp32", facts: 'numerics = "float32"\nweights_size = 10_000' };
/** More than any machine that runs this has: its file is small, and what the entry says of it counts until it is here. */
const HUGE: TinyVariant = { name: "huge", facts: 'numerics = "float32"\nweights_size = 900_000_000_000_000' };
const NEEDS = "it needs about 1125000.5 GB (900000.0 GB of weights, 225000.5 GB to work in)";

describe("a model that is too large for the machine", () => {
  test("is refused before it is fetched, with the numbers and what would fit", async () => {
    using tiny = new TinyHome([HUGE]);
    for (const args of [
      ["model", "add", TINY],
      ["embed", "x", "--model", TINY, "--runtime", "onnx"],
    ]) {
      const { code, error } = await tiny.run(args);
      expect(code).toBe(4);
      expect(error).toContain(`huge does not fit: ${NEEDS}, and this machine has `);
      expect(error).toContain(". What fits: ");
    }
  });

  test("is passed over where another variant fits; one that is named is refused, and the other named", async () => {
    using tiny = new TinyHome([HUGE, FP32]);
    const { code, out } = await tiny.run(["model", "add", TINY]);
    expect(code).toBe(0);
    expect(out).toContain(`passed over huge (onnx): ${NEEDS}`);
    expect(out).toContain("took fp32 (onnx)");
    const named = await tiny.run(["model", "add", TINY, "--variant", "huge"]);
    expect(named.code).toBe(4);
    expect(named.error).toContain(`. What fits: ${TINY} fp32 (onnx, about 501 MB)`);
    const { out: shown } = await tiny.run(["doctor"]);
    expect(shown).toContain(`  model         ${TINY}, runtime auto: onnx\n`);
    expect(shown).toContain(`                not huge: ${NEEDS}`);
    expect(shown).toContain(`    not taken   huge (onnx): ${NEEDS}`);
  });

  test("is fetched where a runtime was named, with a warning; then the files say how large they are", async () => {
    using tiny = new TinyHome([HUGE]);
    const added = await tiny.run(["model", "add", TINY, "--runtime", "onnx", "--json"]);
    expect(added.code).toBe(0);
    const { warning } = JSON.parse(added.error);
    expect(warning.code).toBe("RUNTIME_UNAVAILABLE");
    expect(warning.message).toContain(NEEDS);
    expect(warning.message).toEndWith("; the files are fetched all the same");
    expect(await tiny.run(["embed", "x", "--model", TINY])).toMatchObject({ code: 0, error: "" });
  });

  test("is a problem where the recipe names it, and only shown elsewhere", async () => {
    using tiny = new TinyHome([HUGE]);
    using repository = new Repository();
    repository.write(".patina/oxidize.yaml", `embedding_model: ${TINY}\n`).commit("Begin");
    const { code, out } = await tiny.run(["doctor", "--json"], repository.root);
    expect(code).toBe(1);
    const { problems, runtimes } = JSON.parse(out);
    expect(problems).toContainEqual(expect.objectContaining({ code: "RUNTIME_UNAVAILABLE" }));
    expect(runtimes).toMatchObject([{ key: TINY, requested: "auto", decision: null }]);
    expect(runtimes[0].refused).toContain(NEEDS);
  });
});

describe("--explain-runtime", () => {
  test("tells the decision on the standard error, as lines or as JSON, and leaves the output alone", async () => {
    using tiny = new TinyHome([FP32]);
    const added = await tiny.run(["model", "add", TINY, "--explain-runtime", "--json"]);
    const { runtime } = JSON.parse(added.error);
    expect(runtime).toMatchObject({ model: TINY, runtime: "onnx", tooLarge: [] });
    expect(JSON.parse(added.out)).toMatchObject({ key: TINY });
    const plain = await tiny.run(["embed", "x", "--model", TINY]);
    const explained = await tiny.run(["embed", "x", "--model", TINY, "--explain-runtime"]);
    expect(explained.out).toBe(plain.out);
    expect(explained.error).toStartWith(`runtime of ${TINY}: onnx\n  not mlx: `);
    expect(explained.error).toContain("\n  onnx: the model has files for it and this build runs it\n");
    // The file's own size has taken the place of the entry's estimate.
    expect(explained.error).toMatch(/\n {2}fp32 needs about 50[0-9] MB, and this machine has [0-9.]+ GB\n/);
    const verified = await tiny.run(["model", "verify", TINY, "--runtime", "onnx", "--explain-runtime"]);
    expect(verified.error).toContain("\n  onnx: it was asked for, and this build runs it\n");
  });

  test("of a recipe's runtime, which oxidize takes", async () => {
    using tiny = new TinyHome([FP32]);
    using repository = new Repository();
    repository.write("a.txt", "a text\n");
    repository.write(".patina/oxidize.yaml", `embedding_model: ${TINY}\nruntime: onnx\n`).commit("Begin");
    await tiny.run(["model", "add", TINY]);
    const { code, error } = await tiny.run(["oxidize", "--explain-runtime"], repository.root);
    expect(code).toBe(0);
    expect(error).toContain(`runtime of ${TINY}: onnx\n  onnx: it was asked for, and this build runs it\n`);
  });
});

describe.skipIf(mlxBuilt)("mlx where the build does not have it", () => {
  const reason =
    "runtime mlx was asked for and cannot be had for all-minilm-l6-v2: this build has no MLX engine";

  test("is an error with the reason, from the recipe as from the command", async () => {
    using tiny = new TinyHome([FP32]);
    using repository = new Repository();
    repository
      .write(".patina/oxidize.yaml", "embedding_model: all-minilm-l6-v2\nruntime: mlx\n")
      .commit("Begin");
    for (const args of [["oxidize"], ["embed", "x"], ["embed", "x", "--runtime", "mlx"]]) {
      const { code, error } = await tiny.run(args, repository.root);
      expect(code).toBe(4);
      expect(error).toContain(reason);
    }
    const shown = JSON.parse((await tiny.run(["doctor", "--json"], repository.root)).out);
    expect(shown.machine).toMatchObject({ rosetta: false });
    expect(shown.runtimes).toMatchObject([{ key: "all-minilm-l6-v2", requested: "mlx", decision: null }]);
  });
});
