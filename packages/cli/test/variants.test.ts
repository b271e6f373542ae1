import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome, type TinyVariant } from "./support/tiny-model.ts";

// float32 is faster than weights that are dequantised at every run on any processor: no test depends on its own.
const SMALL: TinyVariant = {
  name: "small",
  facts: 'numerics = "int8-weights"\nquality = { cosine_min = 0.99, cosine_mean = 0.9995, texts = 100 }',
};
const FP32: TinyVariant = { name: "fp32", facts: 'numerics = "float32"' };
const ODD: TinyVariant = { name: "odd", facts: 'numerics = "float16"' };

async function add(tiny: TinyHome, ...names: string[]): Promise<void> {
  for (const name of names)
    expect(await tiny.run(["model", "add", TINY, "--variant", name])).toMatchObject({ code: 0 });
}

describe("the variant that auto takes", () => {
  test("is the fastest that is here; that it is not the first one is said, once and on the standard error", async () => {
    using tiny = new TinyHome([SMALL, FP32]);
    await add(tiny, "small");
    // The only one here is no surprise.
    expect(await tiny.run(["embed", "x", "--model", TINY])).toMatchObject({ code: 0, error: "" });
    await add(tiny, "fp32");
    const note =
      `auto took ${TINY}'s variant fp32: float32 itself, what the others are held against; ` +
      "`patina doctor` shows the others";
    const { code, error } = await tiny.run(["embed", "x", "y", "--model", TINY]);
    expect(code).toBe(0);
    expect(error).toBe(`warning: ${note}\n`);
    const json = await tiny.run(["embed", "x", "--model", TINY, "--json"]);
    expect(JSON.parse(json.error)).toEqual({ warning: { code: "VARIANT_CHOSEN", message: note } });
    const named = await tiny.run(["embed", "x", "--model", TINY, "--variant", "small"]);
    expect(named).toMatchObject({ code: 0, error: "" });
  });

  test("add takes it as well, and says what it passed over", async () => {
    using tiny = new TinyHome([SMALL, ODD, FP32]);
    const { code, out } = await tiny.run(["model", "add", TINY]);
    expect(code).toBe(0);
    expect(out).toContain(
      "passed over small (onnx): 0.0005 from float32, within the tolerance of 0.001, 0.8 times as fast",
    );
    expect(out).toContain("passed over odd (onnx): its distance from float32 was not measured\n");
    expect(out).toContain("took fp32 (onnx): float32 itself");
    expect(out).toEndWith(`${TINY} fp32 (onnx) is ready; its licence is MIT\n`);
  });

  test("is none where none is known to be near enough, which is an error with each reason", async () => {
    using tiny = new TinyHome([SMALL, ODD]);
    using repository = new Repository();
    repository.write("a.txt", "a text\n").commit("Begin");
    const recipe = (tolerance: string): Repository =>
      repository.write(".patina/oxidize.yaml", `embedding_model: ${TINY}\nvariant_tolerance: ${tolerance}\n`);
    recipe("0.0001");
    await add(tiny, "small", "odd");
    for (const args of [["oxidize"], ["embed", "x"], ["model", "add", TINY], ["model", "verify", TINY]]) {
      const { code, error } = await tiny.run(args, repository.root);
      expect(code).toBe(4);
      expect(error).toContain("small (onnx): 0.0005 from float32, above the tolerance of 0.0001");
      expect(error).toContain("odd (onnx): its distance from float32 was not measured");
      expect(error).toContain("`variant_tolerance`");
    }
    const doctor = await tiny.run(["doctor", "--json"], repository.root);
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.out).problems).toMatchObject([{ code: "VARIANT_UNKNOWN" }]);
    recipe("0.0005");
    expect(await tiny.run(["embed", "x"], repository.root)).toMatchObject({ code: 0, error: "" });
  }, 30_000);

  test("is frozen in the index: a search asks what made it, whatever came since", async () => {
    using tiny = new TinyHome([SMALL, FP32]);
    using repository = new Repository();
    repository.write("a.txt", "a text\n").write(".patina/oxidize.yaml", `embedding_model: ${TINY}\n`);
    repository.commit("Begin");
    await add(tiny, "small");
    expect((await tiny.run(["oxidize"], repository.root)).error).toContain(
      `embedding with ${TINY} small on onnx`,
    );
    await add(tiny, "fp32");
    const { code, error } = await tiny.run(["scry", "text"], repository.root);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse((await tiny.run(["doctor", "--json"], repository.root)).out);
    expect(report.project.index.variant).toBe("small");
    expect(report.variants).toMatchObject([
      { key: TINY, requested: "auto", tolerance: 0.001, variant: "fp32" },
    ]);
    expect((await tiny.run(["oxidize"], repository.root)).error).toContain(
      `note: auto took ${TINY}'s variant fp32`,
    );
  }, 30_000);
});

describe("doctor", () => {
  test("shows each variant of what is here with the reason", async () => {
    using tiny = new TinyHome([SMALL, ODD, FP32]);
    await add(tiny, "small");
    const { code, out } = await tiny.run(["doctor"]);
    expect(code).toBe(0);
    expect(out).toContain(`  model         ${TINY}, variant auto, tolerance 0.001\n`);
    expect(out).toContain(
      "    taken       small (onnx): 0.0005 from float32, within the tolerance of 0.001, 0.8",
    );
    const fetch = `\`patina model add ${TINY} --variant fp32 --runtime onnx\` fetches it`;
    expect(out).toContain(`    not taken   fp32 (onnx): not on this machine, ${fetch}\n`);
    expect(JSON.parse((await tiny.run(["doctor", "--json"])).out).variants).toMatchObject([
      { key: TINY, variant: "small", runtime: "onnx", opinions: [{ taken: true }, { taken: false }, {}] },
    ]);
  });

  test("follows the recipe where it names a variant", async () => {
    using tiny = new TinyHome([SMALL, FP32]);
    await add(tiny, "small", "fp32");
    const file = join(tiny.folder, "project/.patina/oxidize.yaml");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `embedding_model: ${TINY}\nvariant: small\n`);
    const { out } = await tiny.run(["doctor"], join(tiny.folder, "project"));
    expect(out).toContain(
      `  model         ${TINY}, variant small\n    taken       small (onnx): asked for by name\n`,
    );
  });
});
