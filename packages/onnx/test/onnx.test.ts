import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type OnnxEngineOptions, onnxruntimeLibrary, openOnnxEngine } from "@patina/onnx";
import { distance, fixture } from "../../engine/test/support/fixtures.ts";

const { spec, goldens } = fixture("bert-mean");

test("the library is the one inside onnxruntime-node", () => {
  const path = onnxruntimeLibrary();
  expect(existsSync(path)).toBe(true);
  expect(path).toContain("onnxruntime-node");
  expect(basename(path)).toContain("onnxruntime");
});

test("a model opens with the library found and with the library given", async () => {
  const golden = goldens.find(({ id, special_tokens }) => id === "one-word" && special_tokens === "follow");
  const choices: OnnxEngineOptions[] = [{}, { libraryPath: onnxruntimeLibrary(), threads: 1 }];
  for (const options of choices) {
    await using engine = await openOnnxEngine(spec, options);
    const { vector } = await engine.embed("patina");
    expect(distance(vector, golden?.embedding ?? [])).toBeLessThanOrEqual(2e-5);
  }
});

test("files for another runtime are refused before anything is loaded", async () => {
  await expect(openOnnxEngine({ ...spec, runtime: "mlx" })).rejects.toMatchObject({
    code: "RUNTIME_UNAVAILABLE",
    message: expect.stringContaining("is for mlx, not for onnx"),
  });
});
