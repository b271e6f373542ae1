import type { EmbeddingMatrix } from "@patina/core";
import { safeJson } from "../terminal/visible.ts";
import type { AtomicFile } from "./atomic-file.ts";
import { npyHeader } from "./npy.ts";
import type { TextRecord } from "./records.ts";

/** Where vectors go. */
export interface VectorSink {
  /** Takes the vectors of a group, row i for record i. */
  write(records: readonly TextRecord[], matrix: EmbeddingMatrix): Promise<void>;
  /** Called once, after the last group; `dimension` is known also when there was no group. */
  finish(dimension: number): Promise<void>;
}

/** One JSON object a line. */
export class JsonlSink implements VectorSink {
  readonly #write: (text: string) => Promise<void>;
  readonly #commit: () => Promise<void>;

  constructor(write: (text: string) => Promise<void>, commit: () => Promise<void>) {
    this.#write = write;
    this.#commit = commit;
  }

  async write(records: readonly TextRecord[], matrix: EmbeddingMatrix): Promise<void> {
    for (const [row, record] of records.entries()) {
      const { tokens, truncated } = matrix.report(row);
      // Each key in the order of the contract; the numbers are not left to JSON.stringify, see `numbers`.
      await this.#write(
        `{"index":${record.index},"id":${safeJson(record.id)},"embedding":[${numbers(matrix.row(row))}],` +
          `"tokens":${tokens},"truncated":${truncated}}\n`,
      );
    }
  }

  async finish(): Promise<void> {
    await this.#commit();
  }
}

/** A NumPy array `[texts, dimension]` of float32. */
export class NpySink implements VectorSink {
  readonly #file: AtomicFile;
  #rows = 0;

  constructor(file: AtomicFile) {
    this.#file = file;
  }

  async write(records: readonly TextRecord[], matrix: EmbeddingMatrix): Promise<void> {
    if (this.#rows === 0) await this.#file.write(npyHeader(0, matrix.dimension));
    this.#rows += records.length;
    const { buffer, byteOffset, byteLength } = matrix.data;
    await this.#file.write(new Uint8Array(buffer, byteOffset, byteLength));
  }

  async finish(dimension: number): Promise<void> {
    const header = npyHeader(this.#rows, dimension);
    if (this.#rows === 0) await this.#file.write(header);
    else await this.#file.overwriteStart(header);
    await this.#file.commit();
  }
}

/**
 * Nine significant digits tell any two float32 numbers apart (C++ `FLT_DECIMAL_DIG`); the seventeen that JavaScript
 * prints for the same number held as a double would double the output.
 */
function numbers(vector: Float32Array): string {
  let text = "";
  for (const value of vector) text += `${text === "" ? "" : ","}${Number(value.toPrecision(9))}`;
  return text;
}
