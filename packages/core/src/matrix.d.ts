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
export declare class EmbeddingMatrix implements EmbeddingMatrixParts {
    #private;
    readonly data: Float32Array;
    readonly rows: number;
    readonly dimension: number;
    readonly tokens: Uint32Array;
    readonly truncated: Uint8Array;
    readonly specialTokens: Uint32Array;
    constructor(parts: EmbeddingMatrixParts);
    /** A view of row `index` (no copy): `[dimension]`. */
    row(index: number): Float32Array;
    /** What the engine knows about the text of row `index`. */
    report(index: number): TextReport;
    /** Row `index` with its report. */
    at(index: number): Embedding;
}
