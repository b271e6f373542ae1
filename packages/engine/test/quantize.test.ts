/** Quantising through the door that JavaScript uses; what it makes of a model is for `crates/patina-embed/tests`. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantizeOnnx, quantizeSafetensors } from "@patina/engine";
import { fixture } from "./support/fixtures.ts";

test("a callback that throws ends the call with its error, and nothing is left behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "patina-quantize-"));
  const weights = fixture("bert-mean").spec.files.find(({ role }) => role === "weights")?.path ?? "";
  const thrown = new Error("enough");
  let calls = 0;
  const onProgress = (): void => {
    calls++;
    throw thrown;
  };
  const ending = quantizeOnnx(weights, join(folder, "model.onnx"), { onProgress });
  expect(await ending.catch((error: unknown) => error)).toBe(thrown);
  expect(calls).toBe(1);
  // It may have been whole before the callback was heard; half of it is never there.
  expect(readdirSync(folder).filter((name) => name !== "model.onnx")).toEqual([]);
  rmSync(folder, { recursive: true });
});

test.each([2 ** 32 + 64, 64.5])(
  "a group size of %p is refused, not cut down to one that there is",
  async (groupSize) => {
    const { spec } = fixture("bert-mean");
    const ending = quantizeSafetensors(spec, join(tmpdir(), "patina-never-written"), { bits: 4, groupSize });
    expect(await ending.catch((error: unknown) => error)).toMatchObject({
      code: "INVALID_INPUT",
      details: { key: "groupSize" },
    });
  },
);
