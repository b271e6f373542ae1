/** The choice of a runtime through its public door: offers, sizes, the error with what would fit. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPatinaError, type PatinaError } from "@patina/core";
import { chooseRuntime, nativeFacts, openEngine, type RuntimeOffer } from "@patina/engine";
import { failure, fixture } from "./support/fixtures.ts";

const offer = (variant: string, weights?: number): RuntimeOffer => ({
  model: "m",
  variant,
  runtime: "onnx",
  ...(weights === undefined ? {} : { weights }),
});

function refusal(choose: () => unknown): PatinaError {
  try {
    choose();
  } catch (error) {
    if (isPatinaError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("chooseRuntime", () => {
  test("judges memory by the machine's own: a byte more than fits is too much", () => {
    const { memory } = nativeFacts();
    expect(memory).toBeGreaterThan(0);
    // A fifth of what is left after the base is for working.
    const most = Math.floor(((memory ?? 0) - 500_000_000) / 5) * 4;
    expect(chooseRuntime("onnx", [offer("fp32", most)])).toMatchObject({ runtime: "onnx", tooLarge: [] });
    const { code, message } = refusal(() =>
      chooseRuntime("auto", [offer("fp32", most + 8)], [offer("q4", 8)]),
    );
    expect(code).toBe("RUNTIME_UNAVAILABLE");
    expect(message).toContain("it needs about ");
    expect(message).toContain(". What fits: m q4 (onnx, about 501 MB)");
  });

  test("leaves out what is too large, and takes what has no size", () => {
    const { runtime, tooLarge, reasons } = chooseRuntime("auto", [offer("fp32", 1e15), offer("q4")]);
    expect(runtime).toBe("onnx");
    expect(tooLarge).toMatchObject([{ variant: "fp32", runtime: "onnx" }]);
    expect(reasons.at(-1)).toBe("q4: how much memory it needs is not known before its files are here");
    expect(chooseRuntime("onnx", ["onnx"]).tooLarge).toEqual([]);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 60])("%p bytes of weights are an error", (weights) => {
    expect(refusal(() => chooseRuntime("auto", [offer("fp32", weights)])).code).toBe("INVALID_INPUT");
  });
});

test("openEngine refuses a runtime that the spec has no files for", async () => {
  const { spec } = fixture("bert-mean");
  expect(spec.runtime).toBe("onnx");
  const error = await openEngine(spec, { runtime: "mlx" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
});

test("openEngine refuses files that do not fit into memory, by their size on disk, before it reads them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "patina-runtime-"));
  try {
    const { spec } = fixture("bert-mean");
    const path = join(folder, "model.onnx");
    writeFileSync(path, "");
    // A hole: no block of it is written.
    truncateSync(path, 2 ** 42);
    const files = spec.files.map((file) => (file.role === "weights" ? { ...file, path } : file));
    const error = await failure({ ...spec, files });
    const message = expect.stringContaining(
      "it needs about 5498.1 GB (4398.0 GB of weights, 1100.0 GB to work in)",
    );
    expect(error).toMatchObject({ code: "RUNTIME_UNAVAILABLE", message });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
