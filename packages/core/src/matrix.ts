import { PatinaError } from "./errors.ts";

/**
 * What an engine knows about one text it embedded. Nothing is silent: a text that was cut, or that
 * held the literal of a special token, says so here.
 */
export interface TextReport {
  /** Tokens the model saw, special tokens included. */
  readonly tokens: number;
  /** True when the text was longer than the model takes and its end was left out. */
  readonly truncated: boolean;
  /** How many special tokens the text itself spelled out (`[SEP]`, `<|endoftext|>`) and the tokenizer took as such. */
  readonly specialTokens: number;
}

/** One embedded text. */
export interface Embedding extends TextReport {
  /** `[dimension]`, of unit length when the model normalises. */
  readonly vector: Float32Array;
}

/** The parts an {@link EmbeddingMatrix} is made of: one buffer and one array per report. */
export interface EmbeddingMatrixParts {
  /** Row-major `[rows × dimension]`. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly dimension: number;
  /** `[rows]` */
  readonly tokens: Uint32Array;
  /** `[rows]`, 1 where the text was cut. */
  readonly truncated: Uint8Array;
  /** `[rows]` */
  readonly specialTokens: Uint32Array;
}

/** Vectors of a batch, in the order of its texts, in one buffer that the native core filled. */
export class EmbeddingMatrix implements EmbeddingMatrixParts {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dimension: number;
  readonly tokens: Uint32Array;
  readonly truncated: Uint8Array;
  readonly specialTokens: Uint32Array;

  constructor(parts: EmbeddingMatrixParts) {
    const { rows, dimension } = parts;
    const fits =
      parts.data.length === rows * dimension &&
      parts.tokens.length === rows &&
      parts.truncated.length === rows &&
      parts.specialTokens.length === rows;
    if (!fits) {
      throw new PatinaError(
        "INTERNAL",
        `a matrix of ${rows} × ${dimension} was given ${parts.data.length} numbers and reports of ` +
          `${parts.tokens.length}, ${parts.truncated.length}, ${parts.specialTokens.length} rows`,
      );
    }
    this.data = parts.data;
    this.rows = rows;
    this.dimension = dimension;
    this.tokens = parts.tokens;
    this.truncated = parts.truncated;
    this.specialTokens = parts.specialTokens;
  }

  /** A view of row `index` (no copy): `[dimension]`. */
  row(index: number): Float32Array {
    this.#check(index);
    return this.data.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  /** What the engine knows about the text of row `index`. */
  report(index: number): TextReport {
    this.#check(index);
    return {
      tokens: this.tokens[index] ?? 0,
      truncated: this.truncated[index] === 1,
      specialTokens: this.specialTokens[index] ?? 0,
    };
  }

  /** Row `index` with its report. */
  at(index: number): Embedding {
    return { vector: this.row(index), ...this.report(index) };
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.rows) {
      throw new PatinaError("INVALID_INPUT", `row ${index} of a matrix of ${this.rows} rows`);
    }
  }
}
