import { describe, expect, test } from "bun:test";
import {
  abortedError,
  EmbeddingMatrix,
  ERROR_CODES,
  isPatinaError,
  nearest,
  PatinaError,
  throwIfAborted,
} from "@patina/core";

const matrix = () =>
  new EmbeddingMatrix({
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
    rows: 3,
    dimension: 2,
    tokens: Uint32Array.of(7, 8, 9),
    truncated: Uint8Array.of(0, 1, 0),
    specialTokens: Uint32Array.of(0, 0, 2),
  });

describe("a matrix", () => {
  test("gives rows as views and reports beside them", () => {
    const all = matrix();
    expect([...all.row(1)]).toEqual([3, 4]);
    expect(all.row(1).buffer).toBe(all.data.buffer);
    expect(all.at(1)).toEqual({
      vector: Float32Array.of(3, 4),
      tokens: 8,
      truncated: true,
      specialTokens: 0,
    });
    expect(all.report(2)).toEqual({ tokens: 9, truncated: false, specialTokens: 2 });
  });

  test.each([-1, 3, 0.5, Number.NaN])("has no row %p", (index) => {
    expect(() => matrix().row(index)).toThrow("of a matrix of 3 rows");
    expect(() => matrix().report(index)).toThrow("of a matrix of 3 rows");
  });

  test("is not made of parts that do not fit", () => {
    const { data, tokens, truncated, specialTokens } = matrix();
    const parts = { data, rows: 2, dimension: 2, tokens, truncated, specialTokens };
    expect(() => new EmbeddingMatrix(parts)).toThrow("a matrix of 2 × 2 was given 6 numbers");
  });
});

describe("an error", () => {
  const error = new PatinaError("INTEGRITY", "model.onnx is damaged", {
    file: "model.onnx",
    expected: "ab",
    cause: new Error("short read"),
  });

  test("carries code, exit code, the thing at fault and its cause", () => {
    expect(error.code).toBe("INTEGRITY");
    expect(error.exitCode).toBe(5);
    expect(error.details).toEqual({ file: "model.onnx", expected: "ab" });
    expect(error.cause).toEqual(new Error("short read"));
  });

  test("is known by its mark, also when another copy of the package made it", () => {
    const foreign = Object.assign(new Error("from elsewhere"), { isPatinaError: true, code: "NETWORK" });
    expect(isPatinaError(error)).toBe(true);
    expect(isPatinaError(foreign, "NETWORK")).toBe(true);
    expect(isPatinaError(foreign, "INTEGRITY")).toBe(false);
    for (const other of [new Error("plain"), null, undefined, "text", { code: "NETWORK" }]) {
      expect(isPatinaError(other)).toBe(false);
    }
  });

  test("has an exit code among those the command documents", () => {
    for (const code of Object.values(ERROR_CODES)) expect([3, 4, 5, 6, 70, 130]).toContain(code);
  });

  test("of an aborted signal keeps the signal's reason", () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    expect(abortedError(signal)).toMatchObject({ code: "ABORTED", exitCode: 130, cause: reason });
    expect(() => throwIfAborted(signal)).toThrow("aborted");
    throwIfAborted(undefined);
    throwIfAborted(new AbortController().signal);
  });
});

describe("the nearest word", () => {
  const keys = ["embedding_model", "runtime", "variant", "dimension"];
  test.each([
    ["embeding_model", "embedding_model"],
    ["rutnime", "runtime"],
    ["Variant", "variant"],
    ["dimensions", "dimension"],
  ])("to %p is %p", (slip, meant) => {
    expect(nearest(slip, keys)).toBe(meant);
  });

  test("is none where nothing is near", () => {
    expect(nearest("colour", keys)).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });

  test("counts a swap of neighbours as one slip", () => {
    expect(nearest("ab", ["ba", "cd"])).toBe("ba");
  });
});
