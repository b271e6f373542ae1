import { PatinaError } from "@patina/core";

/** One line of the input: its number from 1 and its bytes, without the line's end. */
export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/**
 * The longest line that is taken, so that input without a line's end cannot fill the memory. No model reads a
 * thousandth of it.
 */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Cuts a stream of bytes into lines, whatever its chunks. A last line may lack its end; there is no empty one after it. */
export class LineSplitter {
  #parts: Uint8Array[] = [];
  #pendingBytes = 0;
  #number = 0;

  /** The lines that `chunk` completes. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The last line, where the input did not end with a newline. */
  end(): Line[] {
    return this.#pendingBytes > 0 ? [this.#take()] : [];
  }

  #keep(part: Uint8Array): void {
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > MAX_LINE_BYTES) {
      const line = this.#number + 1;
      throw new PatinaError(
        "INVALID_INPUT",
        `line ${line} of the input is longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB; each line is one text`,
        { line },
      );
    }
    this.#parts.push(part);
  }

  #take(): Line {
    const [only] = this.#parts;
    let bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#pendingBytes = 0;
    this.#number++;
    if (bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    if (this.#number === 1 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) {
      bytes = bytes.subarray(BYTE_ORDER_MARK.length);
    }
    return { number: this.#number, bytes };
  }
}
