import { describe, expect, test } from "bun:test";
import { PatinaError } from "@patina/core";
import { describeFailure, failureText, UsageError } from "../src/failure.ts";

describe("failures", () => {
  test("of the packages keep their code, details and exit code", () => {
    const error = new PatinaError("RECIPE_INVALID", "unknown key", {
      file: "r.yaml",
      line: 2,
      column: 3,
      suggestion: "gate",
    });
    const failure = describeFailure(error, {});
    expect(failure.exitCode).toBe(3);
    expect(failureText(failure, false)).toBe("error: r.yaml:2:3: unknown key\nhint: did you mean gate?\n");
    expect(JSON.parse(failureText(failure, true))).toEqual({
      error: {
        code: "RECIPE_INVALID",
        exitCode: 3,
        message: "r.yaml:2:3: unknown key",
        hint: "did you mean gate?",
        details: { file: "r.yaml", line: 2, column: 3, suggestion: "gate" },
      },
    });
  });

  test("a message that says it all is not added to", () => {
    const error = new PatinaError("INTEGRITY", "m.onnx is damaged; try old", {
      file: "m.onnx",
      line: 1,
      suggestion: "old",
    });
    expect(failureText(describeFailure(error, {}), false)).toBe("error: m.onnx is damaged; try old\n");
  });

  test("of the system are input errors with their file", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    expect(describeFailure(error, {})).toEqual({
      exitCode: 3,
      code: "IO",
      message: error.message,
      details: {},
    });
  });

  test("of usage are 2", () => {
    expect(describeFailure(new UsageError("no texts", "give some"), {})).toMatchObject({
      exitCode: 2,
      hint: "give some",
    });
  });

  test("that nobody foresaw are 70, with a stack on request only", () => {
    const error = new TypeError("x is not a function", { cause: new Error("deeper") });
    const failure = describeFailure(error, {});
    expect(failure).toMatchObject({ exitCode: 70, code: "INTERNAL" });
    expect(failure.stack).toBeUndefined();
    const debugged = describeFailure(error, { PATINA_DEBUG: "1" });
    expect(debugged.stack).toContain("TypeError: x is not a function");
    expect(debugged.stack).toContain("caused by Error: deeper");
  });

  test("show no control character of a text they quote", () => {
    const error = new PatinaError("IO", "cannot read a\u001b[2Jb\u202ec");
    expect(failureText(describeFailure(error, {}), false)).toBe("error: cannot read a␛[2Jb<U+202E>c\n");
  });
});
