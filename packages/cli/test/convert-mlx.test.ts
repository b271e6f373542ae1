import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nativeFacts } from "@patina/engine";
import { CHECKOUT } from "./support/patina.ts";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const QWEN3 = "tiny-qwen3";
const MADE = "tiny-q4";
const GOLDEN = join(CHECKOUT, "fixtures/qwen3-mlx4");
const convert = (...more: string[]): string[] => ["model", "convert", QWEN3, "--as", MADE, ...more];
const toMlx4 = (...more: string[]): string[] => convert("--to", "mlx-4", "--group-size", "32", ...more);

/** A home folder with a random Qwen3 for MLX in its overlay: safetensors in two shards with an index. */
function qwen3Home(source: string = join(CHECKOUT, "fixtures/qwen3-float32")): TinyHome {
  const tiny = new TinyHome([{ name: "fp32" }]);
  const file = (role: string, path: string): string =>
    `{ role = "${role}", path = "${path}", sources = [{ kind = "dir", path = ${JSON.stringify(join(source, path))} }] }`;
  const names = readdirSync(source).filter((name) => name.endsWith(".safetensors"));
  const files = [
    file("config", "config.json"),
    ...names.map((name) => file("weights", name)),
    ...(names.length > 1 ? [file("other", "model.safetensors.index.json")] : []),
  ];
  const row = `
[models."${QWEN3}"]
name = "Tiny Qwen3"
description = "A random model."
license = "MIT"
architecture = "qwen3"
dimension = 64
max_tokens = 128
pooling = "last"
normalize = true
files = [${file("tokenizer", "tokenizer.json")}]
variants = [{ name = "fp32", runtime = "mlx", files = [${files.join(", ")}] }]
`;
  const overlay = join(tiny.home, "models.toml");
  writeFileSync(overlay, readFileSync(overlay, "utf8") + row);
  return tiny;
}

async function installed(tiny: TinyHome): Promise<TinyHome> {
  expect((await tiny.run(["model", "add", QWEN3, "--variant", "fp32", "--runtime", "mlx"])).code).toBe(0);
  return tiny;
}

describe("model convert --to mlx-4", () => {
  test("makes one file of the shards, as MLX's tools would have it, and a row for it", async () => {
    using tiny = await installed(qwen3Home());
    const { code, out } = await tiny.run(toMlx4("--json"));
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      ...{ key: MADE, variant: "q4", source: "fp32" },
      ...{ bits: 4, groupSize: 32, layers: 22, kept: [], batched: null },
    });
    const paths = report.files.map(({ role, path }: { role: string; path: string }) => `${role} ${path}`);
    expect(paths.sort()).toEqual([
      "config config.json",
      "tokenizer tokenizer.json",
      "weights model.safetensors",
    ]);
    const config = readFileSync(join(report.folder, "config.json"), "utf8");
    expect(JSON.parse(config)).toEqual(JSON.parse(readFileSync(join(GOLDEN, "config.json"), "utf8")));

    const shown = JSON.parse((await tiny.run(["model", "show", MADE, "--json"])).out);
    expect(JSON.stringify(shown)).toContain('"nbits"');
    expect((await tiny.run(["model", "status", MADE])).out).toContain("q4");

    const again = await tiny.run(convert("--to", "mlx-8", "--force", "--json"));
    const eight = JSON.parse(again.out);
    expect(eight).toMatchObject({ variant: "q8", bits: 8, groupSize: 64 });
    expect(existsSync(report.folder)).toBeFalse();
    expect((await tiny.run(["model", "remove", MADE])).out).toContain("removed q8 (mlx)");
    expect(existsSync(eight.folder)).toBeFalse();
  }, 60_000);

  test("is measured where MLX runs, and where it does not the reason is told", async () => {
    using tiny = await installed(qwen3Home());
    const { quality, unmeasured } = JSON.parse((await tiny.run(convert("--to", "mlx-8", "--json"))).out);
    const said = (await tiny.run(convert("--to", "mlx-8", "--force"))).out;
    const [, use = ""] = /use it with `(.*)`/.exec(said) ?? [];
    const embedded = await tiny.run(["embed", "a text", ...use.split(" ")]);
    if (nativeFacts().mlxBuilt) {
      // By MLX itself, 8 bits of this model have 0.996 (fixtures/qwen3-mlx8 against fixtures/qwen3-float32).
      expect(quality.cosineMin).toBeGreaterThan(0.98);
      expect(unmeasured).toBeNull();
      expect(JSON.parse(embedded.out).embedding).toHaveLength(64);
    } else {
      expect(quality).toBeNull();
      expect(unmeasured).toContain("MLX");
      expect(embedded.code).not.toBe(0);
    }
  }, 60_000);

  test("what cannot be converted is said by name, and nothing is left of the attempt", async () => {
    using quantised = await installed(qwen3Home(GOLDEN));
    const { code, error } = await quantised.run(toMlx4());
    expect(code).toBe(3);
    expect(error).toContain("quantised already");
    expect(readdirSync(join(quantised.home, "models"))).toEqual([QWEN3]);

    using tiny = qwen3Home();
    const missing = await tiny.run(toMlx4());
    expect(missing.code).toBe(4);
    expect(missing.error).toContain(`patina model add ${QWEN3} --variant fp32 --runtime mlx`);
    for (const [args, why] of [
      [convert("--to", "mlx-4", "--range", "full"), "--range belongs to onnx-int8"],
      [convert("--to", "onnx-int8", "--group-size", "64"), "--group-size belongs to mlx-4 and mlx-8"],
    ] as const) {
      const refused = await tiny.run(args);
      expect(refused.code).toBe(3);
      expect(refused.error).toContain(why);
    }
    const onnx = await tiny.run(["model", "convert", TINY, "--to", "mlx-4", "--as", MADE]);
    expect(onnx.code).toBe(4);
    expect(onnx.error).toContain("no variant for mlx");
  }, 60_000);

  test("groups that MLX does not have are refused before anything is written", async () => {
    using tiny = await installed(qwen3Home());
    const { code, error } = await tiny.run(convert("--to", "mlx-4", "--group-size", "48"));
    expect(code).toBe(3);
    expect(error).toContain("groups one of [32, 64, 128]");
    expect(readdirSync(join(tiny.home, "models"))).toEqual([QWEN3]);
  }, 60_000);
});
