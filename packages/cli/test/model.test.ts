import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, patina, TEST_HOME } from "./support/patina.ts";
import { haveQuickStartModel, MODEL } from "./support/quick-start.ts";
import { Repository } from "./support/repository.ts";

const home = mkdtempSync(join(tmpdir(), "patina-home-"));
const run = (...args: string[]): Promise<Outcome> => patina(args, { cwd: "/", home });
/** Without a package index: a damaged file cannot be fetched again. */
const runOffline = (...args: string[]): Promise<Outcome> =>
  patina(args, { cwd: "/", home, env: { PIP_NO_INDEX: "1", HF_HUB_OFFLINE: "1" } });

beforeAll(async () => {
  await haveQuickStartModel();
  // That model alone: other tests keep theirs in the same folder.
  const folder = join("models", MODEL);
  cpSync(join(TEST_HOME, folder), join(home, folder), { recursive: true, preserveTimestamps: true });
}, 120_000);
afterAll(() => rmSync(home, { recursive: true }));

describe("model", () => {
  test("list: a table for people, JSON for programs", async () => {
    const { code, out } = await run("model", "list");
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^KEY +DIMENSIONS +MAX TOKENS +RUNTIMES +LICENCE +INSTALLED$/);
    expect(out).toMatch(
      new RegExp(`^${MODEL} +384 +256 +onnx mlx +Apache-2.0 +int8 \\(onnx\\)(, fp32 \\(mlx\\))?$`, "m"),
    );
    const { models } = JSON.parse((await run("model", "list", "--json")).out);
    const found = models.find((model: { key: string }) => model.key === MODEL);
    expect(found).toMatchObject({ dimension: 384, maxTokens: 256, minDimension: null, origin: "builtin" });
    expect(found.installed).toContainEqual(expect.objectContaining({ variant: "int8", runtime: "onnx" }));
  });

  test("status: each file with its size and state", async () => {
    const { code, out } = await run("model", "status");
    expect(code).toBe(0);
    expect(out).toContain(`${MODEL} int8 (onnx): installed, `);
    expect(out).toMatch(/^ {2}model\.onnx +22\.9 MB +\w+ +\//m);
    const { variants } = JSON.parse((await run("model", "status", MODEL, "--json")).out);
    expect(variants.map((variant: { state: string }) => variant.state)).toContain("missing");
  });

  test("add: what is here and right is not fetched again", async () => {
    const { code, out } = await run("model", "add", MODEL, "--variant", "int8");
    expect(code).toBe(0);
    expect(out).toContain("model.onnx: 22.9 MB, was here\n");
    expect(out).toEndWith(`${MODEL} int8 (onnx) is ready; its licence is Apache-2.0\n`);
  });

  test("add: a variant there is none of", async () => {
    const { code, error } = await run("model", "add", MODEL, "--variant", "int9", "--json");
    expect(code).toBe(4);
    expect(JSON.parse(error).error).toMatchObject({
      code: "VARIANT_UNKNOWN",
      details: { suggestion: "int8" },
    });
  });

  test("a damaged file is found, named with its digests, and not used", async () => {
    const { variants } = JSON.parse((await run("model", "status", MODEL, "--json")).out);
    const installed = variants.find((variant: { state: string }) => variant.state === "installed");
    const file = installed.files.find((each: { role: string }) => each.role === "weights");
    const bytes = readFileSync(file.location);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file.location, bytes);

    const used = await runOffline("embed", "x", "--json");
    expect(used.code).toBe(5);
    expect(used.out).toBe("");
    const [warning, failure] = used.error
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(warning.warning.code).toBe("DAMAGED");
    const { error } = failure;
    expect(error).toMatchObject({
      code: "INTEGRITY",
      details: { file: file.location, expected: file.sha256 },
    });
    expect(error.message).toContain(`expected ${file.sha256}`);
    expect(error.message).toContain(error.details.found);
    expect(error.message).toContain(`It was moved aside to ${file.location}.damaged-`);

    writeFileSync(file.location, bytes.subarray(1000));
    const status = await run("model", "status");
    expect(status.code).toBe(1);
    expect(status.out).toContain(": damaged");
    const doctor = await run("doctor", "--json");
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.out).problems).toMatchObject([{ code: "INTEGRITY" }]);
  });

  test("remove: says what it freed, and twice is fine", async () => {
    const { code, out } = await run("model", "remove", MODEL);
    expect(code).toBe(0);
    expect(out).toMatch(/^removed int8 \(onnx\): \d+\.\d MB from \//);
    expect((await run("model", "remove", MODEL)).out).toBe(`nothing of ${MODEL} is on this machine\n`);
    expect((await run("model", "status")).out).toContain("no model is on this machine");
    expect((await run("embed", "x")).code).toBe(4);
  });
});

describe("doctor", () => {
  test("all is well, with the decision and its reasons", async () => {
    const { code, out } = await patina(["doctor"], { cwd: "/" });
    expect(code).toBe(0);
    for (const title of ["machine", "libraries", "storage", "project"])
      expect(out).toMatch(new RegExp(`^${title}$`, "m"));
    expect(out).toMatch(/^ {2}runtime +(onnx|mlx): .+/m);
    expect(out).toMatch(/^ {2}onnxruntime +\d+\.\d+\.\d+, \//m);
    expect(out).toEndWith("all is well\n");
  });

  test("JSON, with the state of the project", async () => {
    using repository = new Repository();
    repository.write("a.txt", "a text\n").commit("Begin");
    await patina(["oxidize"], { cwd: repository.root });
    const { code, out } = await patina(["doctor", "--json"], { cwd: repository.root });
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      project: { root: repository.root, recipe: { model: MODEL }, index: { model: MODEL, variant: "int8" } },
    });
    expect(report.project.index.passages).toBe(2);
    repository.write(".patina/oxidize.yaml", "embeding_model: x\n");
    const broken = await patina(["doctor", "--json"], { cwd: repository.root });
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out).problems).toMatchObject([{ code: "RECIPE_INVALID" }]);
  }, 30_000);

  test("models that the project needs and that are not here", async () => {
    using repository = new Repository();
    repository.write("a.txt", "a text\n").commit("Begin");
    await patina(["oxidize"], { cwd: repository.root });
    const { code, out } = await patina(["doctor"], {
      cwd: repository.root,
      home: join(repository.root, "none"),
    });
    expect(code).toBe(1);
    expect(out).toContain(`problem MODEL_MISSING: the recipe's model ${MODEL} is not on this machine`);
    expect(out).toContain(`\`patina model add ${MODEL} --variant int8 --runtime onnx\` to search it`);
    expect(out).toEndWith("2 problems\n");
  });

  test("one part that cannot be looked at does not hide the others", async () => {
    const { code, out } = await patina(["doctor"], { cwd: "/", home: "/dev/null" });
    expect(code).toBe(1);
    expect(out).toContain("problem IO: the size of /dev/null cannot be told");
    expect(out).toContain("libraries");
  });
});

describe("trust", () => {
  test("a project's own models are used only after somebody said so, and again after each change", async () => {
    using repository = new Repository();
    const own = join(repository.root, "home");
    const inside = (...args: string[]): Promise<Outcome> => patina(args, { cwd: repository.root, home: own });
    const overlay = (description: string): string => `version = 1
[models."our-model"]
name = "Our model"
description = "${description}"
license = "MIT"
architecture = "bert"
dimension = 8
max_tokens = 16
pooling = "mean"
normalize = true
aliases = []
[[models."our-model".files]]
role = "tokenizer"
path = "tokenizer.json"
sources = [{ kind = "dir", path = "models/tokenizer.json" }]
[[models."our-model".variants]]
name = "fp32"
runtime = "onnx"
[[models."our-model".variants.files]]
role = "weights"
path = "model.onnx"
sources = [{ kind = "dir", path = "models/model.onnx" }]
`;
    expect((await inside("trust")).code).toBe(3);
    repository.write("models/tokenizer.json", "{}").write("models/model.onnx", "no model");
    repository.write(".patina/models.toml", overlay("first"));
    const before = await inside("model", "add", "our-model");
    expect(before.code).toBe(3);
    expect(before.error).toContain("patina trust");
    const trusted = await inside("trust");
    expect(trusted.code).toBe(0);
    expect(trusted.out).toContain("it brings: our-model");
    expect((await inside("model", "add", "our-model")).code).toBe(0);
    repository.write(".patina/models.toml", overlay("second"));
    expect((await inside("model", "add", "our-model")).code).toBe(3);
  }, 30_000);
});
