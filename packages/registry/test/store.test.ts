import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isPatinaError } from "@patina/core";
import { openRegistry, type Registry } from "../src/index.ts";
import { dirSource, Fixture, registryText, rejection, sha256 } from "./support/fixture.ts";

const TOKENIZER = '{"version":"1.0"}';
const WEIGHTS = "weights".repeat(1_000);

/** A registry with one model "tiny" whose two files are on this machine; only the tokenizer has a digest. */
async function tiny(fixture: Fixture, options: { project?: boolean } = {}): Promise<Registry> {
  const tokenizer = fixture.write("files/tokenizer.json", TOKENIZER);
  const weights = fixture.write("files/model.onnx", WEIGHTS);
  const builtin = fixture.write(
    "registry.toml",
    registryText({
      tiny: [
        {
          role: "tokenizer",
          path: "tokenizer.json",
          sources: [dirSource(tokenizer)],
          sha256: sha256(TOKENIZER),
        },
        { role: "weights", path: "onnx/model.onnx", sources: [dirSource(weights)] },
      ],
    }),
  );
  const project = options.project ? { projectDir: fixture.project } : {};
  return openRegistry({ home: fixture.home, env: {}, builtin, ...project });
}

async function weightsOf(registry: Registry): Promise<string> {
  const spec = await registry.resolve("tiny");
  return spec.files.find(({ role }) => role === "weights")?.path ?? "";
}

describe("a model from files of this machine", () => {
  test("is missing until it is added, and then resolves to its files", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("patina model add tiny"),
    });
    const report = await registry.add("tiny");
    expect(report.files).toMatchObject([
      { path: "tokenizer.json", action: "fetched", pinned: false, sha256: sha256(TOKENIZER) },
      {
        path: "onnx/model.onnx",
        action: "fetched",
        pinned: true,
        sha256: sha256(WEIGHTS),
        size: WEIGHTS.length,
      },
    ]);
    const spec = await registry.resolve("tiny");
    expect(spec).toEqual({
      key: "tiny",
      name: "tiny",
      architecture: "bert",
      dimension: 8,
      maxTokens: 16,
      pooling: "mean",
      normalize: true,
      variant: "fp32",
      runtime: "onnx",
      files: [
        { role: "tokenizer", path: join(report.folder, "tokenizer.json"), sha256: sha256(TOKENIZER) },
        { role: "weights", path: join(report.folder, "onnx/model.onnx"), sha256: sha256(WEIGHTS) },
      ],
    });
    expect(readFileSync(spec.files[1]?.path ?? "", "utf8")).toBe(WEIGHTS);
    expect(report.folder.startsWith(join(fixture.home, "models", "tiny"))).toBe(true);
  });

  test("is not fetched a second time, and nothing is written", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    const { folder, lock } = await registry.add("tiny");
    const before = [statSync(join(folder, "onnx/model.onnx")).mtimeMs, statSync(lock).mtimeMs];
    rmSync(join(fixture.root, "files"), { recursive: true });
    const again = await registry.add("tiny");
    expect(again.files.map(({ action, pinned }) => [action, pinned])).toEqual([
      ["present", false],
      ["present", false],
    ]);
    expect([statSync(join(folder, "onnx/model.onnx")).mtimeMs, statSync(lock).mtimeMs]).toEqual(before);
  });

  test("shares a file that another model brought", async () => {
    using fixture = new Fixture();
    await (await tiny(fixture)).add("tiny");
    const files = [
      {
        role: "tokenizer",
        path: "t.json",
        sources: [dirSource("/nowhere/t.json")],
        sha256: sha256(TOKENIZER),
      },
      { role: "weights", path: "w.onnx", sources: [dirSource(join(fixture.root, "files/model.onnx"))] },
    ];
    const builtin = fixture.write("other.toml", registryText({ other: files }));
    const report = await (await openRegistry({ home: fixture.home, env: {}, builtin })).add("other");
    expect(report.files.map(({ action }) => action)).toEqual(["reused", "fetched"]);
  });

  test("is resolved in less than 10 ms once its files were checked", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    await registry.add("tiny");
    const times: number[] = [];
    for (let run = 0; run < 9; run++) {
      const start = performance.now();
      await registry.resolve("tiny");
      times.push(performance.now() - start);
    }
    expect(times.sort((a, b) => a - b)[4]).toBeLessThan(10);
  });

  test("reports its state without reading a file", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    expect(await registry.status("tiny")).toMatchObject([
      {
        state: "missing",
        folder: null,
        size: null,
        files: [{ size: null }, { sha256: null }],
      },
    ]);
    const { folder } = await registry.add("tiny");
    const size = TOKENIZER.length + WEIGHTS.length;
    expect(await registry.status()).toMatchObject([
      {
        key: "tiny",
        variant: "fp32",
        runtime: "onnx",
        state: "installed",
        folder,
        size,
        files: [{ state: "verified" }, { state: "verified", source: "dir:model.onnx" }],
      },
    ]);
    rmSync(join(folder, "tokenizer.json"));
    expect(await registry.status("tiny")).toMatchObject([{ state: "partial" }]);
  });

  test("is removed with its row in the lock", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    const { folder, lock } = await registry.add("tiny");
    const report = await registry.remove("tiny");
    expect(report.removed).toMatchObject([{ variant: "fp32", runtime: "onnx", folder }]);
    expect(report.removed[0]?.size).toBeGreaterThanOrEqual(TOKENIZER.length + WEIGHTS.length);
    expect(readdirSync(join(fixture.home, "models"))).toEqual([]);
    expect(readFileSync(lock, "utf8")).not.toContain("tiny");
    expect(await registry.remove("tiny")).toEqual({ key: "tiny", removed: [], overlay: null });
  });

  test("names what it has when asked for something else", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    expect(await rejection(registry.resolve("tiny", { variant: "fp23" }))).toMatchObject({
      code: "VARIANT_UNKNOWN",
      details: { suggestion: "fp32" },
      message: expect.stringContaining("fp32 (onnx)"),
    });
    expect(await rejection(registry.add("tiny", { runtime: "mlx" }))).toMatchObject({
      code: "VARIANT_UNKNOWN",
    });
    expect(await rejection(registry.remove("tyni"))).toMatchObject({ code: "MODEL_UNKNOWN" });
  });
});

describe("a file that is not what it was", () => {
  const harms: [name: string, harm: (file: string) => void][] = [
    [
      "a flipped byte",
      (file) => {
        const bytes = readFileSync(file);
        bytes[42] = (bytes[42] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
    ["a lost end", (file) => truncateSync(file, 100)],
    ["a byte too many", (file) => appendFileSync(file, "x")],
    ["an empty file", (file) => truncateSync(file, 0)],
  ];
  test.each(harms)("%s is named with both digests, never loaded, and mended by add", async (_name, harm) => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    await registry.add("tiny");
    const file = await weightsOf(registry);
    harm(file);
    const error = await rejection(registry.resolve("tiny"));
    const found = sha256(readFileSync(file));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file, expected: sha256(WEIGHTS), found } });
    expect((error as Error).message).toContain("patina model add tiny --variant fp32 --runtime onnx");
    expect((await registry.add("tiny")).files.map(({ action }) => action)).toEqual(["present", "fetched"]);
    expect(readFileSync(await weightsOf(registry), "utf8")).toBe(WEIGHTS);
  });

  test("a new time on the same bytes costs one reading and no error", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    await registry.add("tiny");
    const file = await weightsOf(registry);
    utimesSync(file, new Date(0), new Date(0));
    expect(await registry.status("tiny")).toMatchObject([{ files: [{}, { state: "unverified" }] }]);
    expect(await weightsOf(registry)).toBe(file);
    expect(await registry.status("tiny")).toMatchObject([{ files: [{}, { state: "verified" }] }]);
  });

  test("a damaged record is no reason to trust or to refuse a file", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    const { folder } = await registry.add("tiny");
    for (const text of ["", "{", '{"version":1,"files":{"onnx/model.onnx":1}}', "[]"]) {
      writeFileSync(join(folder, "verified.json"), text);
      expect(await weightsOf(registry)).toBe(join(folder, "onnx/model.onnx"));
    }
    expect(await registry.status("tiny")).toMatchObject([
      { files: [{ state: "verified" }, { state: "verified" }] },
    ]);
  });

  test("a missing file makes the model missing and says which", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    await registry.add("tiny");
    rmSync(await weightsOf(registry));
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("missing: onnx/model.onnx"),
    });
  });

  test("a source that changed since it was pinned is refused until the model is updated", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    await registry.add("tiny");
    rmSync(await weightsOf(registry));
    const changed = fixture.write("files/model.onnx", WEIGHTS.toUpperCase());
    const error = await rejection(registry.add("tiny"));
    expect(error).toMatchObject({
      code: "INTEGRITY",
      details: { expected: sha256(WEIGHTS), found: sha256(readFileSync(changed)) },
      message: expect.stringContaining("patina model update tiny"),
    });
    const looked = await registry.update("tiny", { confirm: () => false });
    expect(looked).toMatchObject({ applied: false, changes: true });
    expect(looked.variants[0]?.files.map(({ state }) => state)).toEqual(["same", "changed"]);
    expect(await rejection(registry.add("tiny"))).toMatchObject({ code: "INTEGRITY" });
    const updated = await registry.update("tiny", { confirm: () => true });
    expect(updated).toMatchObject({ applied: true, variants: [{ invalidates: true }] });
    expect(await weightsOf(registry)).toStartWith(fixture.home);
    expect(readFileSync(await weightsOf(registry), "utf8")).toBe(WEIGHTS.toUpperCase());
  });
});

describe("the lock", () => {
  test("lies in a project that has a .patina folder and holds what was accepted, in a fixed order", async () => {
    using fixture = new Fixture();
    const { lock } = await (await tiny(fixture, { project: true })).add("tiny");
    expect(lock).toBe(join(fixture.project, ".patina", "models.lock"));
    const row = (path: string, text: string, source: string) => ({
      path,
      size: text.length,
      sha256: sha256(text),
      source,
      revision: null,
    });
    const files = [
      row("onnx/model.onnx", WEIGHTS, "dir:model.onnx"),
      row("tokenizer.json", TOKENIZER, "dir:tokenizer.json"),
    ];
    const content = { version: 1, models: { tiny: [{ variant: "fp32", runtime: "onnx", files }] } };
    expect(readFileSync(lock, "utf8")).toBe(`${JSON.stringify(content, null, 2)}\n`);
    expect(existsSync(join(fixture.home, "models.lock"))).toBe(false);
  });

  test("of the home folder serves a project that has none for the model", async () => {
    using fixture = new Fixture();
    await (await tiny(fixture)).add("tiny");
    expect(dirname(await weightsOf(await tiny(fixture, { project: true })))).toStartWith(fixture.home);
  });

  test("that is damaged is an error that names it, not a lost pin", async () => {
    using fixture = new Fixture();
    const registry = await tiny(fixture);
    const { lock } = await registry.add("tiny");
    writeFileSync(lock, "<<<<<<< ours");
    const attempts = [() => registry.resolve("tiny"), () => registry.add("tiny"), () => registry.status()];
    for (const attempt of attempts) {
      const error = await rejection(attempt());
      expect(isPatinaError(error, "REGISTRY_INVALID") && error.details.file).toBe(lock);
    }
  });
});
