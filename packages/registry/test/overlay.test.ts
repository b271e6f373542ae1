import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openRegistry, type Registry, trustOverlay } from "../src/index.ts";
import { dirSource, Fixture, registryText, rejection } from "./support/fixture.ts";

function files(weights: string) {
  return [
    { role: "tokenizer", path: "tokenizer.json", sources: [dirSource(weights)] },
    { role: "weights", path: "model.onnx", sources: [dirSource(weights)] },
  ];
}

function open(fixture: Fixture): Promise<Registry> {
  return openRegistry({ home: fixture.home, projectDir: fixture.project, env: {} });
}

describe("overlays", () => {
  test("replace whole entries by key, the project's last", async () => {
    using fixture = new Fixture();
    fixture.write("home/models.toml", registryText({ "e5-base-v2": files("/a"), mine: files("/a") }));
    fixture.write("project/.patina/models.toml", registryText({ mine: files("a"), ours: files("a") }));
    const registry = await open(fixture);
    expect(registry.entry("e5-base-v2")).toMatchObject({ origin: "user", trusted: true, dimension: 8 });
    expect(registry.entry("e5-base-v2").queryTemplate).toBeUndefined();
    expect(registry.entry("mine")).toMatchObject({ origin: "project", trusted: false });
    expect(registry.models().map(({ key }) => key)).toContain("ours");
  });

  test("of the user stay theirs in a home folder that is a repository, by whatever name it is reached", async () => {
    using fixture = new Fixture();
    const weights = fixture.write("home/.patina/weights.bin", "weights");
    fixture.write("home/.patina/models.toml", registryText({ mine: files(weights) }));
    const userFolder = fixture.home;
    symlinkSync(userFolder, `${userFolder}-link`);
    for (const folder of [userFolder, `${userFolder}-link`]) {
      const home = join(folder, ".patina");
      const registry = await openRegistry({ home, projectDir: userFolder, env: {} });
      expect(registry.entry("mine")).toMatchObject({ origin: "user", trusted: true });
      expect((await registry.add("mine")).lock).toBe(join(home, "models.lock"));
    }
  });

  test("are as strict as the registry itself", async () => {
    using fixture = new Fixture();
    const file = fixture.write("home/models.toml", "version = 1\nmodles = {}\n");
    expect(await rejection(open(fixture))).toMatchObject({
      code: "REGISTRY_INVALID",
      details: { file, line: 2, column: 1, suggestion: "models" },
    });
  });

  test("cannot give a model the name that is another's alias", async () => {
    using fixture = new Fixture();
    const file = fixture.write("home/models.toml", registryText({ minilm: files("/a") }));
    expect(await rejection(open(fixture))).toMatchObject({
      code: "REGISTRY_INVALID",
      details: { file, line: 2, key: "minilm" },
    });
  });
});

describe("a project's overlay", () => {
  test("is not acted on until it is trusted, and again after any change", async () => {
    using fixture = new Fixture();
    const overlay = () => registryText({ ours: files("models/weights.bin") });
    const file = fixture.write("project/.patina/models.toml", overlay());
    fixture.write("project/models/weights.bin", "weights");
    const registry = await open(fixture);
    for (const attempt of [() => registry.add("ours"), () => registry.resolve("ours")]) {
      expect(await rejection(attempt())).toMatchObject({
        code: "OVERLAY_UNTRUSTED",
        message: expect.stringContaining("patina trust"),
      });
    }
    expect(await registry.status("ours")).toMatchObject([{ trusted: false, state: "missing" }]);

    const trusted = await trustOverlay(fixture.project, { home: fixture.home });
    expect(trusted).toMatchObject({ file, models: [{ key: "ours" }] });
    await (await open(fixture)).add("ours");
    expect((await (await open(fixture)).resolve("ours")).key).toBe("ours");

    fixture.write("project/.patina/models.toml", `${overlay()}# one more line\n`);
    expect(await rejection((await open(fixture)).resolve("ours"))).toMatchObject({
      code: "OVERLAY_UNTRUSTED",
    });
    fixture.write("project/.patina/models.toml", overlay());
    expect((await (await open(fixture)).resolve("ours")).key).toBe("ours");
  });

  test("cannot be trusted from inside the project", async () => {
    using fixture = new Fixture();
    fixture.write("project/.patina/models.toml", registryText({ ours: files("weights.bin") }));
    const { sha256, file } = await trustOverlay(fixture.project, { home: fixture.home });
    const trust = { version: 1, overlays: [{ sha256, file }] };
    using other = new Fixture();
    other.write("project/.patina/models.toml", registryText({ ours: files("weights.bin") }));
    other.write("project/.patina/trusted.json", JSON.stringify(trust));
    expect(await rejection((await open(other)).add("ours"))).toMatchObject({ code: "OVERLAY_UNTRUSTED" });
  });

  test("that does not exist or is wrong cannot be trusted", async () => {
    using fixture = new Fixture();
    const trust = () => trustOverlay(fixture.project, { home: fixture.home });
    expect(await rejection(trust())).toMatchObject({ code: "INVALID_INPUT" });
    fixture.write("project/.patina/models.toml", "version = 3");
    expect(await rejection(trust())).toMatchObject({ code: "REGISTRY_INVALID" });
  });

  test.each([
    "/etc/hostname",
    "../outside.bin",
    "models/../../outside.bin",
    "link.bin",
    "folder/outside.bin",
  ])("cannot reach out of the project: %s", async (path) => {
    using fixture = new Fixture();
    fixture.write("outside.bin", "secret");
    symlinkSync(join(fixture.root, "outside.bin"), join(fixture.project, "link.bin"));
    symlinkSync(fixture.root, join(fixture.project, "folder"));
    mkdirSync(join(fixture.project, "models"));
    fixture.write("project/.patina/models.toml", registryText({ ours: files(path) }));
    const attempt = async () => {
      await trustOverlay(fixture.project, { home: fixture.home });
      return (await open(fixture)).add("ours");
    };
    const code = path.startsWith("/") ? "REGISTRY_INVALID" : "INVALID_INPUT";
    expect(await rejection(attempt())).toMatchObject({ code, message: expect.stringContaining("below it") });
  });
});
