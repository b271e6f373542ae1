import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TINY, TinyHome, tinyCheck } from "./support/tiny-model.ts";

const FP32 = { name: "fp32", facts: 'numerics = "float32"' };
const MADE = "tiny-int8";
const convert = (...more: string[]): string[] => [
  "model",
  "convert",
  TINY,
  "--to",
  "onnx-int8",
  "--as",
  MADE,
  ...more,
];

async function withTiny(use: (tiny: TinyHome) => Promise<void>): Promise<void> {
  using tiny = new TinyHome([FP32]);
  expect((await tiny.run(["model", "add", TINY])).code).toBe(0);
  await use(tiny);
}

const overlayOf = (tiny: TinyHome): string => readFileSync(join(tiny.home, "models.toml"), "utf8");

describe("model convert", () => {
  test(
    "makes a model of its own, measured, beside the one it came from",
    () =>
      withTiny(async (tiny) => {
        const before = overlayOf(tiny);
        writeFileSync(join(tiny.home, "models.toml"), `# my models\n${before}# the end`);
        const { code, out } = await tiny.run(convert("--json"));
        expect(code).toBe(0);
        const report = JSON.parse(out);
        expect(report).toMatchObject({ key: MADE, variant: "int8", source: "fp32", layers: 12 });
        expect(report.quality.cosineMin).toBeGreaterThan(0.97);
        expect(report.quality.cosineMean).toBeGreaterThanOrEqual(report.quality.cosineMin);
        // Random weights of few numbers: texts in a batch share one scale, so something moves.
        expect(report.batched.cosineMin).toBeLessThan(1);
        expect(overlayOf(tiny)).toStartWith(`# my models\n${before}# the end\n`);

        const { models } = JSON.parse((await tiny.run(["model", "list", "--json"])).out);
        const made = models.find((model: { key: string }) => model.key === MADE);
        expect(made).toMatchObject({ dimension: 32, origin: "user", installed: [{ variant: "int8" }] });

        const int8 = await tiny.run(["embed", "a text", "--model", MADE]);
        const float = await tiny.run(["embed", "a text", "--model", TINY]);
        expect([int8.code, float.code]).toEqual([0, 0]);
        const [left, right] = [int8, float].map((run) => JSON.parse(run.out).embedding as number[]);
        const cosine = (left ?? []).reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0);
        expect(cosine).toBeGreaterThan(0.97);
        expect(cosine).toBeLessThan(0.999999);

        const removed = await tiny.run(["model", "remove", MADE]);
        expect(removed.out).toContain("removed int8 (onnx)");
        expect(removed.out).toContain(`the row of ${MADE}, which a conversion wrote, is gone from `);
        expect((await tiny.run(["embed", "a text", "--model", MADE])).code).toBe(4);
        expect(overlayOf(tiny)).toBe(`# my models\n${before}# the end\n`);
        expect((await tiny.run(convert())).code).toBe(0);
        expect((await tiny.run(["embed", "a text", "--model", MADE])).out).toBe(int8.out);
      }),
    60_000,
  );

  test(
    "--force replaces files and row; the range of weights is one's choice",
    () =>
      withTiny(async (tiny) => {
        const full = JSON.parse((await tiny.run(convert("--range", "full", "--json"))).out);
        const again = await tiny.run(convert("--range", "reduced", "--force", "--json"));
        const reduced = JSON.parse(again.out);
        expect([full.reduceRange, reduced.reduceRange]).toEqual([false, true]);
        expect(reduced.folder).not.toBe(full.folder);
        expect(existsSync(full.folder)).toBeFalse();
        expect(overlayOf(tiny).split(">>> patina model convert").length).toBe(2);
        expect(overlayOf(tiny)).not.toContain(full.folder);
      }),
    60_000,
  );

  test("what a model is checked against goes with it, under the tolerance of int8", async () => {
    const more = `[models."${TINY}".check.tolerances]\nint8-dynamic = 0.25\n`;
    using tiny = new TinyHome([FP32], tinyCheck({ more }));
    expect((await tiny.run(["model", "add", TINY])).code).toBe(0);
    expect((await tiny.run(convert())).code).toBe(0);
    const { code, out } = await tiny.run(["model", "verify", MADE, "--json"]);
    expect(code).toBe(0);
    const { numerics, vectors } = JSON.parse(out);
    expect(numerics).toBe("int8-dynamic");
    expect(vectors).toMatchObject({
      tolerance: 0.25,
      toleranceFrom: "numerics",
      source: "sentence-transformers",
    });
  }, 60_000);

  test(
    "a name that is taken or that names nothing is refused before anything is made",
    () =>
      withTiny(async (tiny) => {
        const before = overlayOf(tiny);
        for (const [name, why] of [
          [TINY, "there is a model tiny-prompts already"],
          ["all-minilm-l6-v2", "builtin"],
          ["../up", "lower-case letters"],
          ["Upper", "lower-case letters"],
        ]) {
          const args = ["model", "convert", TINY, "--to", "onnx-int8", "--as", name ?? "", "--force"];
          const { code, error } = await tiny.run(args);
          expect(code).toBe(3);
          expect(error).toContain(why ?? "");
        }
        expect(overlayOf(tiny)).toBe(before);
        expect(readdirSync(join(tiny.home, "models"))).toEqual([TINY]);
      }),
    60_000,
  );

  test("what cannot be converted is said, with what to do", async () => {
    using absent = new TinyHome([FP32]);
    const missing = await absent.run(convert());
    expect(missing.code).toBe(4);
    expect(missing.error).toContain(`patina model add ${TINY} --variant fp32 --runtime onnx`);
    const unknown = await absent.run(["model", "convert", "tiny-promts", "--to", "onnx-int8", "--as", "x"]);
    expect(unknown.code).toBe(4);
    expect(unknown.error).toContain(TINY);

    using other = new TinyHome([{ name: "int8", facts: 'numerics = "int8-dynamic"' }]);
    const int8 = await other.run(convert());
    expect(int8.code).toBe(4);
    expect(int8.error).toContain("no float32 variant");
    expect((await other.run(["model", "convert", TINY, "--to", "onnx-int9", "--as", "x"])).code).toBe(2);
    expect((await other.run(["model", "convert", TINY, "--to", "onnx-int8"])).code).toBe(2);
  }, 60_000);

  test("a file that is no float32 model is named, and nothing is left of the attempt", async () => {
    using tiny = new TinyHome([{ ...FP32, weights: join(import.meta.dir, "convert.test.ts") }]);
    expect((await tiny.run(["model", "add", TINY])).code).toBe(0);
    const before = overlayOf(tiny);
    const { code, error } = await tiny.run(convert());
    expect(code).toBe(5);
    expect(error).toContain("model.onnx");
    expect(overlayOf(tiny)).toBe(before);
    expect(readdirSync(join(tiny.home, "models"))).toEqual([TINY]);
  }, 60_000);

  test(
    "an overlay that cannot be extended keeps its text, and the files go",
    () =>
      withTiny(async (tiny) => {
        // An inline table is complete where it stands: no header can add to it.
        const { models } = Bun.TOML.parse(overlayOf(tiny)) as { models: unknown };
        const text = `version = 1\nmodels = ${inline(models)}\n`;
        writeFileSync(join(tiny.home, "models.toml"), text);
        const { code, error } = await tiny.run(convert());
        expect(code).toBe(3);
        expect(error).toContain("not as an inline table");
        expect(overlayOf(tiny)).toBe(text);
        expect(readdirSync(join(tiny.home, "models"))).toEqual([TINY]);
      }),
    60_000,
  );
});

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)} = ${inline(item)}`);
  return `{ ${pairs.join(", ")} }`;
}
