import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type ImportOptions, openRegistry } from "../src/index.ts";
import { FakeHub } from "./support/fake-hub.ts";
import { Fixture, rejection, sha256 } from "./support/fixture.ts";

const REPO = "owner/Tiny-Prompts";
const MODEL = join(import.meta.dir, "../../../fixtures");

/** The files of a small model as a repository has them. */
function filesOf(name: string): Record<string, Uint8Array> {
  const folder = join(MODEL, name);
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(
    paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path))]),
  );
}

function open(fixture: Fixture, hub: FakeHub, env: Record<string, string> = {}) {
  const settings = { HF_ENDPOINT: hub.endpoint, HF_HOME: join(fixture.root, "hf"), ...env };
  return openRegistry({ home: fixture.home, env: settings, projectDir: fixture.project });
}

describe("a repository of the hub becomes an entry", () => {
  test("that names the commit, whatever becomes of the branch, and that add can fetch", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    const files = filesOf("bert-prompts");
    const commit = hub.commit(REPO, files, { lfs: ["onnx/model.onnx"] });
    const importing = await (await open(fixture, hub)).import(REPO, { license: "MIT" });
    const { key, entry } = importing;
    expect(key).toBe("tiny-prompts");
    expect(entry).toMatchObject({
      name: "Tiny-Prompts",
      description: "Imported from owner/Tiny-Prompts on the hub.",
      dimension: 32,
      queryTemplate: "query: {text}",
    });
    const row = (role: "tokenizer" | "config", path: string) => ({
      role,
      path,
      size: files[path]?.length ?? 0,
      sources: [{ kind: "hub" as const, repo: REPO, revision: commit, path }],
    });
    expect(entry.files).toEqual([row("tokenizer", "tokenizer.json"), row("config", "config.json")]);
    // A small file is looked into; large ones are left where they are.
    expect(entry.variants[0]).toMatchObject({ name: "fp32", runtime: "onnx", numerics: "float32" });

    hub.commit(REPO, { ...files, "onnx/model.onnx": "another" });
    const report = await (await open(fixture, hub)).add(key, { variant: "fp32", runtime: "onnx" });
    const weights = report.files.find(({ role }) => role === "weights");
    expect(weights?.sha256).toBe(sha256(files["onnx/model.onnx"] ?? ""));
  });

  test("without fetching large weights: data files by their names, numerics as they are stated", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    const large = fixture.write("large", "");
    truncateSync(large, 40_000_000);
    const contents = { file: large, size: 40_000_000, sha256: "0".repeat(64) };
    const weights = [
      "onnx/model.onnx",
      "onnx/model.onnx_data",
      "onnx/model.onnx_data_1",
      "model.safetensors",
    ];
    const small = filesOf("qwen3-plain");
    for (const path of Object.keys(small)) if (path.startsWith("onnx/")) delete small[path];
    const all = { ...small, ...Object.fromEntries(weights.map((path) => [path, contents])) };
    hub.commit(REPO, all, { lfs: weights });
    const load = async (options: ImportOptions) =>
      (await open(fixture, hub)).import(REPO, { license: "MIT", ...options });
    const { entry } = await load({});
    expect(entry.variants.map(({ name, runtime, numerics }) => [name, runtime, numerics])).toEqual([
      ["model", "onnx", undefined],
      // config.json has its publisher's word for it.
      ["bf16", "mlx", "bfloat16"],
    ]);
    expect(entry.variants[0]?.files.map(({ role, path }) => [role, path])).toEqual([
      ["weights", "onnx/model.onnx"],
      ["external-data", "onnx/model.onnx_data"],
      ["external-data", "onnx/model.onnx_data_1"],
    ]);
    expect(hub.fileBytes).toBeLessThan(1_000_000);
    const told = await load({ numerics: { model: "float32" }, force: true });
    expect(told.entry.variants[0]?.numerics).toBe("float32");
  });

  test("a revision is a branch's, and a folder has none", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    hub.commit(REPO, filesOf("bert-cls"));
    const commit = hub.commit(REPO, filesOf("bert-prompts"), {}, "next");
    const registry = await open(fixture, hub);
    const { entry } = await registry.import(REPO, { license: "MIT", revision: "next" });
    expect(entry.files[0]?.sources[0]).toMatchObject({ revision: commit });
    const folder = registry.import(join(MODEL, "bert-prompts"), { license: "MIT", revision: "next" });
    expect(String(await rejection(folder))).toContain("which has no revisions");
  });

  test("what cannot be reached is said, and nothing is written", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    const unknown = (await open(fixture, hub)).import("owner/none", { license: "MIT" });
    expect(await rejection(unknown)).toMatchObject({ code: "MODEL_MISSING" });
    const offline = (await open(fixture, hub, { HF_HUB_OFFLINE: "1" })).import(REPO, { license: "MIT" });
    expect(String(await rejection(offline))).toContain("HF_HUB_OFFLINE");
    expect(await Bun.file(join(fixture.home, "models.toml")).exists()).toBe(false);
  });
});
