import { PatinaError } from "@patina/core";
import { type Line, LineSplitter } from "./lines.ts";

/** How the standard input holds its texts: one a line, or one JSON object with `text` a line. */
export type InputFormat = "lines" | "jsonl";

/** One text to embed, with what its result is told under. */
export interface TextRecord {
  /** Which record of the input it is, from 0. */
  readonly index: number;
  /** As given by a JSONL record. */
  readonly id: string | number | null;
  readonly text: string;
}

/** The texts of the arguments. */
export function argumentRecords(texts: readonly string[]): TextRecord[] {
  return texts.map((text, index) => {
    checkText(text, `text ${index + 1} of the arguments`, undefined);
    return { index, id: null, text };
  });
}

/**
 * The texts of a stream, in the portions they arrive in. A line that cannot be used throws, after all that came
 * before it has been handed out.
 *
 * @throws PatinaError `INVALID_INPUT` with `line`.
 */
export async function* streamRecords(
  chunks: AsyncIterable<Uint8Array>,
  format: InputFormat,
): AsyncGenerator<TextRecord[]> {
  const splitter = new LineSplitter();
  const reader = new RecordReader(format);
  for await (const chunk of chunks) yield* reader.read(() => splitter.push(chunk));
  yield* reader.read(() => splitter.end());
}

class RecordReader {
  readonly #format: InputFormat;
  // A decoder that replaces bad bytes would embed another text than the one that was given.
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #index = 0;

  constructor(format: InputFormat) {
    this.#format = format;
  }

  *read(split: () => Line[]): Generator<TextRecord[]> {
    const records: TextRecord[] = [];
    let failure: unknown;
    try {
      for (const line of split()) {
        const record = this.#record(line);
        if (record) records.push(record);
      }
    } catch (error) {
      failure = error;
    }
    if (records.length > 0) yield records;
    if (failure !== undefined) throw failure;
  }

  #record(line: Line): TextRecord | undefined {
    const text = this.#decode(line);
    if (this.#format === "lines") return { index: this.#index++, id: null, text };
    if (text.trim() === "") return undefined;
    return { index: this.#index++, ...parseRecord(text, line.number) };
  }

  #decode({ bytes, number }: Line): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new PatinaError(
        "INVALID_INPUT",
        `line ${number} of the input is not valid UTF-8; convert it first`,
        {
          line: number,
          cause,
        },
      );
    }
  }
}

function parseRecord(json: string, line: number): Omit<TextRecord, "index"> {
  const bad = (what: string, key?: string, cause?: unknown): PatinaError =>
    new PatinaError("INVALID_INPUT", `line ${line} of the input ${what}`, {
      line,
      ...(key === undefined ? {} : { key }),
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw bad(
      `is not JSON (${(cause as Error).message}); with --input lines each line is a text`,
      undefined,
      cause,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(`is ${nameOf(value)}, not an object with "text"`);
  }
  const { text, id = null } = value as { text?: unknown; id?: unknown };
  if (typeof text !== "string") {
    throw bad(text === undefined ? `has no "text"` : `has ${nameOf(text)} as "text", not a string`, "text");
  }
  checkText(text, `line ${line} of the input`, line);
  if (id === null || typeof id === "string") return { id, text };
  if (typeof id !== "number") throw bad(`has ${nameOf(id)} as "id", not a string or a number`, "id");
  if (Number.isInteger(id) && !Number.isSafeInteger(id)) {
    throw bad(`has an "id" too large to be kept exactly; write it as a string`, "id");
  }
  return { id, text };
}

/** Half a surrogate pair has no UTF-8: the native core would have to embed something else in its place. */
function checkText(text: string, where: string, line: number | undefined): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new PatinaError("INVALID_INPUT", `${where} holds half a surrogate pair, which is no Unicode text`, {
    ...(line === undefined ? {} : { line }),
  });
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
