import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelSpec } from "@patina/engine";
import { measure } from "../src/convert/measure.ts";
import { CHECKOUT } from "./support/patina.ts";

const FIXTURE = join(CHECKOUT, "fixtures/bert-mean");

function specOf(weights: string): ModelSpec {
  return {
    ...{ key: "tiny", name: "Tiny", variant: "fp32", runtime: "onnx", architecture: "bert" },
    ...{ dimension: 32, maxTokens: 128, pooling: "mean", normalize: true },
    files: [
      { role: "weights", path: weights, sha256: "0".repeat(64) },
      { role: "tokenizer", path: join(FIXTURE, "tokenizer.json"), sha256: "0".repeat(64) },
    ],
  };
}

test("a source that memory is too small for is no reason to lose what was made of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "patina-measure-"));
  try {
    const large = join(folder, "model.onnx");
    writeFileSync(large, "");
    // A hole: no block of it is written.
    truncateSync(large, 2 ** 42);
    const small = specOf(join(FIXTURE, "onnx/model.onnx"));
    const { signal } = new AbortController();
    const measured = await measure(specOf(large), small, false, signal);
    expect(measured).toMatchObject({ quality: null, batched: null });
    expect(measured.unmeasured).toContain("4398.0 GB of weights");

    const { quality, unmeasured } = await measure(small, small, false, signal);
    expect(quality?.cosineMin).toBeGreaterThan(0.999);
    expect(unmeasured).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what is wrong with the files is an error still", async () => {
  const missing = specOf(join(FIXTURE, "onnx/no-such.onnx"));
  const error = await measure(missing, missing, false, new AbortController().signal).catch(
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: "MODEL_MISSING" });
});
