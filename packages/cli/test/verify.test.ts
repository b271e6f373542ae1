import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { patina } from "./support/patina.ts";
import { haveQuickStartModel, MODEL } from "./support/quick-start.ts";
import { TINY, TinyHome, type TinyVariant, tinyCheck } from "./support/tiny-model.ts";

const FP32: TinyVariant = { name: "fp32", facts: 'numerics = "float32"' };

async function installed(check: string, variant: TinyVariant = FP32): Promise<TinyHome> {
  const tiny = new TinyHome([variant], check);
  expect(await tiny.run(["model", "add", TINY])).toMatchObject({ code: 0 });
  return tiny;
}

async function weightsOf(tiny: TinyHome): Promise<string> {
  const { variants } = JSON.parse((await tiny.run(["model", "status", TINY, "--json"])).out);
  return variants[0].files.find(({ role }: { role: string }) => role === "weights").location;
}

describe("model verify", () => {
  beforeAll(haveQuickStartModel, 120_000);

  test("the quick-start model has the scores of sentence-transformers", async () => {
    const { code, out } = await patina(["model", "verify", MODEL], { cwd: "/" });
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}q3 d3 +0\.49229 +0\.4\d{4} +0\.0\d{4} +0\.02 +right$/m);
    expect(out).toEndWith("verified: 2 digests right, 9 scores right\n");
    expect(out).not.toContain("\u001b");
  });

  test("right vectors, under the templates of queries and of passages", async () => {
    using tiny = await installed(tinyCheck());
    const { code, out } = await tiny.run(["model", "verify", TINY]);
    expect(code).toBe(0);
    expect(out).toContain(`${TINY} fp32 (onnx), float32\n`);
    expect(out.match(/ 0\.0001 {2}right$/gm)).toHaveLength(6);
    expect(out).toEndWith("scores by sentence-transformers\nverified: 2 digests right, 6 scores right\n");
    const json = await tiny.run(["model", "verify", TINY, "--json"]);
    expect(json.code).toBe(0);
    const { files, vectors, ...facts } = JSON.parse(json.out);
    expect(facts).toEqual({ key: TINY, variant: "fp32", runtime: "onnx", numerics: "float32" });
    expect(files.map(({ path }: { path: string }) => path)).toEqual(["tokenizer.json", "model.onnx"]);
    expect(vectors).toMatchObject({ verdict: "right", tolerance: 0.0001, source: "sentence-transformers" });
    expect(vectors.scores[5]).toMatchObject({ right: true, difference: expect.any(Number) });
  });

  test("one wrong score is a negative verdict, and the row says which", async () => {
    using tiny = await installed(tinyCheck({ shift: -0.001 }));
    const { code, out, error } = await tiny.run(["model", "verify", TINY]);
    expect(code).toBe(1);
    expect(error).not.toContain("error:");
    expect(out).toMatch(/^ {2}q1 d1 .* 0\.00100 +0\.0001 {2}wrong$/m);
    expect(out.match(/ right$/gm)?.length).toBe(2 + 5);
    expect(out).toContain("wrong vectors: 2 digests right, 1 of 6 scores wrong\n");
    const json = await tiny.run(["model", "verify", TINY, "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out).vectors.verdict).toBe("wrong");
  });

  test("a flipped byte is found though size and time of change are as they were", async () => {
    using tiny = await installed(tinyCheck());
    const file = await weightsOf(tiny);
    const { atime, mtime } = statSync(file);
    const bytes = readFileSync(file);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    // A time that can be set again: what the system keeps by itself is finer than that.
    utimesSync(file, atime, mtime);
    const { code: recorded } = await tiny.run(["model", "verify", TINY]);
    expect(recorded).toBe(0);
    writeFileSync(file, bytes);
    utimesSync(file, atime, mtime);
    const status = JSON.parse((await tiny.run(["model", "status", TINY, "--json"])).out).variants[0];
    expect(status.files.map(({ state }: { state: string }) => state)).toEqual(["verified", "verified"]);

    const { code, out, error } = await tiny.run(["model", "verify", TINY, "--json"]);
    const warnings = error.split("\n").filter((line) => line.startsWith("{"));
    const found = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    const [, { sha256 }] = JSON.parse(out).files;
    expect(warnings[0]).toContain(`${file} is damaged (SHA-256 expected ${sha256}, found ${found})`);
    expect(warnings[1]).toContain(`was moved aside to ${file}.damaged-${found.slice(0, 12)}`);
    expect(code).toBe(0);
    const sound = await tiny.run(["model", "verify", TINY]);
    expect([sound.code, sound.error.includes("damaged")]).toEqual([0, false]);
  });

  test("a file that is gone, and a model that never came", async () => {
    using tiny = await installed(tinyCheck());
    rmSync(await weightsOf(tiny));
    const gone = await tiny.run(["model", "verify", TINY]);
    expect(gone.code).toBe(4);
    expect(gone.error).toContain("(missing: model.onnx)");
    expect(gone.error).toContain(`patina model add ${TINY}`);
    const never = await tiny.run(["model", "verify", "e5-base-v2"]);
    expect(never.code).toBe(4);
    expect(never.error).toContain("patina model add e5-base-v2");
    expect((await tiny.run(["model", "verify", "e5-base-v3"])).error).toContain('did you mean "e5-base-v2"?');
  });

  test("without a check the digests are verified and the vectors are not", async () => {
    using tiny = await installed("");
    const { code, out } = await tiny.run(["model", "verify", TINY]);
    expect(code).toBe(0);
    expect(out).toEndWith(`vectors not verified: the registry has no check for ${TINY}; 2 digests right\n`);
    expect(out).not.toMatch(/^verified/m);
    expect(JSON.parse((await tiny.run(["model", "verify", TINY, "--json"])).out).vectors).toEqual({
      verdict: "no-check",
    });
  });

  test("numerics that the check has no tolerance for, and numerics that nobody stated", async () => {
    using coarse = await installed(tinyCheck(), { name: "fp16", facts: 'numerics = "float16"' });
    const unjudged = await coarse.run(["model", "verify", TINY]);
    expect(unjudged.code).toBe(0);
    expect(unjudged.out).toContain("vectors not verified: the check has no tolerance for float16");
    expect(unjudged.out).not.toMatch(/^verified/m);

    const wider = tinyCheck({ shift: -0.001, more: "tolerances = { nbits = 0.01 }" });
    using unknown = await installed(wider, { name: "odd" });
    const widest = await unknown.run(["model", "verify", TINY]);
    expect(widest.code).toBe(0);
    expect(widest.out).toContain("the check's widest, as the registry does not state the numerics of odd");
    expect(widest.out).toMatch(/ 0\.01 +right$/m);
  });

  test("help names the exit codes", async () => {
    const { code, out } = await patina(["model", "verify", "--help"], { cwd: "/" });
    expect(code).toBe(0);
    expect(out).toContain("5 when a file is damaged");
  });
});

test("a wrong entry is seen in the scores: a limit of 128 tokens for the model of 256", async () => {
  using tiny = new TinyHome([FP32]);
  const builtin = readFileSync(join(import.meta.dir, "../../../resources/models/registry.toml"), "utf8");
  const start = builtin.indexOf(`[models."${MODEL}"]`);
  const entry = builtin.slice(start, builtin.indexOf("# The wheel's graph", start));
  writeFileSync(
    join(tiny.home, "models.toml"),
    `version = 1\n${entry.replace("max_tokens = 256", "max_tokens = 128")}`,
  );
  const added = await tiny.run(["model", "add", MODEL, "--variant", "int8"]);
  expect(added.code).toBe(0);
  const { code, out } = await tiny.run(["model", "verify", MODEL]);
  expect(code).toBe(1);
  expect(out).toMatch(/^ {2}q3 d3 .* wrong$/m);
}, 120_000);
