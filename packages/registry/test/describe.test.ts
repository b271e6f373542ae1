import { expect, test } from "bun:test";
import { openRegistry } from "../src/index.ts";
import { dirSource, Fixture, registryText, sha256 } from "./support/fixture.ts";

test("a model's files with their sources, whose digest it is, and what is here", async () => {
  using fixture = new Fixture();
  const tokenizer = fixture.write("files/tokenizer.json", "{}");
  const weights = fixture.write("files/model.onnx", "weights");
  const overlay = fixture.write(
    "home/models.toml",
    registryText({
      own: [
        { role: "tokenizer", path: "tokenizer.json", sources: [dirSource(tokenizer)], sha256: sha256("{}") },
        { role: "weights", path: "model.onnx", sources: [dirSource("/nowhere"), dirSource(weights)] },
      ],
    }),
  );
  const open = () => openRegistry({ home: fixture.home, env: {} });
  const before = await (await open()).describe("own");
  expect(before.entry).toMatchObject({ key: "own", origin: "user", file: overlay, trusted: true });
  expect(before.variants).toMatchObject([
    { variant: "fp32", numerics: null, quality: null, state: "missing" },
  ]);
  expect(before.variants[0]?.files).toMatchObject([
    { path: "tokenizer.json", sha256: sha256("{}"), digestFrom: "registry", state: "missing" },
    {
      path: "model.onnx",
      sha256: null,
      digestFrom: null,
      sources: ["dir:/nowhere", `dir:${weights}`],
    },
  ]);

  await (await open()).add("own");
  const after = await (await open()).describe("own");
  expect(after.variants[0]?.files).toMatchObject([
    { digestFrom: "registry", state: "verified" },
    { digestFrom: "lock", sha256: sha256("weights"), state: "verified", size: 7 },
  ]);
});

test("the built-in registry says so, and a project's overlay by its path", async () => {
  using fixture = new Fixture();
  const own = [
    { role: "tokenizer", path: "t.json", sources: [dirSource("t.json")] },
    { role: "weights", path: "m.onnx", sources: [dirSource("m.onnx")] },
  ];
  const file = fixture.write("project/.patina/models.toml", registryText({ own }));
  const registry = await openRegistry({ home: fixture.home, env: {}, projectDir: fixture.project });
  expect(registry.entry("own")).toMatchObject({ origin: "project", file, trusted: false });
  expect(registry.entry("minilm").file).toBe("registry.toml (built in)");
});
