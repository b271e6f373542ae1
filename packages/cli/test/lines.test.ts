import { describe, expect, test } from "bun:test";
import { isPatinaError } from "@patina/core";
import { LineSplitter, MAX_LINE_BYTES } from "../src/embed/lines.ts";

function split(chunks: readonly (string | Uint8Array)[]): string[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) =>
    splitter.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk),
  );
  return [...lines, ...splitter.end()].map((line) => new TextDecoder().decode(line.bytes));
}

describe("lines", () => {
  test("are the same however the bytes arrive", () => {
    const bytes = new TextEncoder().encode("one\ntwo €\r\n\nfour 🦀\nlast");
    const expected = ["one", "two €", "", "four 🦀", "last"];
    for (let size = 1; size <= bytes.length; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(split(chunks)).toEqual(expected);
    }
  });

  test("a newline at the end adds no empty line, no input is no line", () => {
    expect(split(["a\n"])).toEqual(["a"]);
    expect(split(["\n"])).toEqual([""]);
    expect(split([])).toEqual([]);
  });

  test("a byte-order mark is dropped at the start only", () => {
    expect(split(["\ufeffa\n"])).toEqual(["a"]);
    const [, second] = (() => {
      const splitter = new LineSplitter();
      return splitter.push(new TextEncoder().encode("a\n\ufeffb\n"));
    })();
    expect(second?.bytes).toEqual(new TextEncoder().encode("\ufeffb"));
  });

  test("a line without an end stops at the limit instead of filling the memory", () => {
    const splitter = new LineSplitter();
    const chunk = new Uint8Array(1024 * 1024).fill(0x61);
    const fill = (): void => {
      for (let length = 0; length <= MAX_LINE_BYTES; length += chunk.length) splitter.push(chunk);
    };
    splitter.push(new TextEncoder().encode("short\n"));
    expect(fill).toThrow("line 2 of the input is longer than 64 MiB");
    try {
      splitter.push(chunk);
    } catch (error) {
      expect(isPatinaError(error, "INVALID_INPUT") && error.details.line).toBe(2);
    }
  });
});
