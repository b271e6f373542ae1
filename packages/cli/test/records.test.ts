import { describe, expect, test } from "bun:test";
import { isPatinaError } from "@patina/core";
import { argumentRecords, type InputFormat, streamRecords, type TextRecord } from "../src/embed/records.ts";

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
}

/** All records that come out, and the error that ends them, if one does. */
async function read(
  format: InputFormat,
  ...chunks: (string | Uint8Array)[]
): Promise<{ records: TextRecord[]; error?: unknown }> {
  const records: TextRecord[] = [];
  try {
    for await (const portion of streamRecords(chunksOf(...chunks), format)) records.push(...portion);
  } catch (error) {
    return { records, error };
  }
  return { records };
}

describe("records of lines", () => {
  test("each line is a text, an empty one too, so that result and line keep step", async () => {
    const { records } = await read("lines", "a\n\n{}\n");
    expect(records).toEqual([
      { index: 0, id: null, text: "a" },
      { index: 1, id: null, text: "" },
      { index: 2, id: null, text: "{}" },
    ]);
  });

  test("bytes that are no UTF-8 name their line, after the lines before them", async () => {
    const { records, error } = await read("lines", "fine\n", new Uint8Array([0x61, 0xff, 0x0a]), "later\n");
    expect(records.map((record) => record.text)).toEqual(["fine"]);
    expect(isPatinaError(error, "INVALID_INPUT") && error.details.line).toBe(2);
    expect(String(error)).toContain("line 2 of the input is not valid UTF-8");
  });
});

describe("records of JSONL", () => {
  test("carry their ids and skip blank lines", async () => {
    const { records } = await read(
      "jsonl",
      '{"text":"a","id":"x"}\n\n  \n{"id":7,"text":"b","more":[1]}\n{"text":"c","id":null}\n{"text":""}',
    );
    expect(records).toEqual([
      { index: 0, id: "x", text: "a" },
      { index: 1, id: 7, text: "b" },
      { index: 2, id: null, text: "c" },
      { index: 3, id: null, text: "" },
    ]);
  });

  const bad: [string, string][] = [
    ["not json", "line 2 of the input is not JSON"],
    ["[1]", 'line 2 of the input is an array, not an object with "text"'],
    ["null", 'line 2 of the input is null, not an object with "text"'],
    ["{}", 'line 2 of the input has no "text"'],
    ['{"text":5}', 'line 2 of the input has a number as "text", not a string'],
    ['{"text":"a","id":{}}', 'line 2 of the input has an object as "id"'],
    ['{"text":"a","id":12345678901234567890}', "too large to be kept exactly"],
    ['{"text":"\\ud83e"}', "line 2 of the input holds half a surrogate pair"],
  ];
  test.each(bad)("%s", async (line, message) => {
    const { records, error } = await read("jsonl", `{"text":"before"}\n${line}\n{"text":"after"}\n`);
    expect(records.map((record) => record.text)).toEqual(["before"]);
    expect(String(error)).toContain(message);
    expect(isPatinaError(error, "INVALID_INPUT") && error.details.line).toBe(2);
  });
});

test("texts of the arguments", () => {
  expect(argumentRecords(["a", "b"])).toEqual([
    { index: 0, id: null, text: "a" },
    { index: 1, id: null, text: "b" },
  ]);
  expect(() => argumentRecords(["a", "\udc00"])).toThrow("text 2 of the arguments");
});
