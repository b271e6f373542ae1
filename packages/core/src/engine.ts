import type { Embedding, EmbeddingMatrix } from "./matrix.ts";

/** What computes the vectors. */
export type Runtime = "onnx" | "mlx";

/** What a caller may ask for: `auto` takes MLX where it can be had, else ONNX Runtime. */
export type RuntimeRequest = "auto" | Runtime;

/** Which of the model's templates is put around a text: `raw` adds nothing. */
export type TextKind = "raw" | "query" | "passage";

/** What a special token's literal in a text becomes: the special token (as the reference does) or plain text. */
export type SpecialTokenPolicy = "follow" | "neutralize";

/** How texts share a run. `exact` runs dynamic int8 models one text at a time; `auto` lets the model decide. */
export type Batching = "auto" | "exact" | "batched";

/** What an engine is opened with; what is left out takes the engine's default. */
export interface EngineOptions {
  /** Default `follow`. Enters the encoder's identity. */
  readonly specialTokens?: SpecialTokenPolicy;
  /** Default `auto`. Enters the encoder's identity. */
  readonly batching?: Batching;
  /**
   * Worker threads, each computing on one core. Default: as many as this process may use, of which `PATINA_THREADS` is
   * the most. All engines of a process share that number. One thread more answers single texts while all are busy.
   */
  readonly threads?: number;
  /**
   * Bytes that running batches may take together, beside the weights: batches shrink to it, and a single text that needs
   * more is an error. Default: half of the memory that is available when the engine opens.
   */
  readonly memory?: number;
  /**
   * A folder, writable by this user alone, where optimised graphs are kept: a model then opens several times as fast.
   * Default: nothing is kept.
   */
  readonly graphCache?: string;
}

/** Options of one call; what is left out takes the engine's default. */
export interface EmbedOptions {
  /** Default `raw`. */
  readonly kind?: TextKind;
  /** Fills `{task}` in the model's template; an error where the template has none. */
  readonly task?: string;
  /** Keeps the first numbers of each vector, then normalises; only models trained for it (MRL) take it. */
  readonly dimension?: number;
  /** Aborting rejects the call with an `ABORTED` error at once; what it was computing ends as soon as it can. */
  readonly signal?: AbortSignal;
}

/** How far a batch has come. */
export interface EmbedProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of a call with many texts. */
export interface EmbedBatchOptions extends EmbedOptions {
  /** Called now and then, with a higher count each time, and with all of them before the call succeeds. */
  readonly onProgress?: (progress: EmbedProgress) => void;
}

/** Options of a stream of texts. */
export interface EmbedStreamOptions extends EmbedOptions {
  /** Texts that are embedded together. Larger groups sort better by length; each is held in memory. */
  readonly groupSize?: number;
}

/** An engine: one loaded model on one runtime. Every method may be called while others are running. */
export interface EmbeddingEngine extends AsyncDisposable {
  /** The model's name as its registry entry gives it. */
  readonly modelName: string;
  /** Numbers in a full vector. */
  readonly dimension: number;
  /** Tokens a text may have, special tokens included; what is longer is cut and says so. */
  readonly maxTokens: number;
  readonly runtime: Runtime;
  /** SHA-256 over all that decides the numbers. Vectors of two engines mix only when theirs are equal. */
  readonly encoderId: string;
  /** What kept the model from loading as it should and changes no vector: a cache that cannot be written, say. */
  readonly warnings: readonly string[];

  /** Embeds a text as it is: no prefix unless `options.kind` asks for one. */
  embed(text: string, options?: EmbedOptions): Promise<Embedding>;
  /** Embeds a search query with the model's query template. */
  embedQuery(text: string, options?: Omit<EmbedOptions, "kind">): Promise<Embedding>;
  /** Embeds a passage with the model's passage template. */
  embedPassage(text: string, options?: Omit<EmbedOptions, "kind">): Promise<Embedding>;
  /** Embeds many texts; row i belongs to text i. */
  embedBatch(texts: readonly string[], options?: EmbedBatchOptions): Promise<EmbeddingMatrix>;
  /** Embeds texts as they come, in order, with back-pressure and bounded memory. */
  embedStream(
    texts: AsyncIterable<string> | Iterable<string>,
    options?: EmbedStreamOptions,
  ): AsyncIterable<Embedding>;
  /**
   * How many tokens each text has as it is, `[texts]`: no special tokens, no template, nothing cut off. Special tokens that
   * it spells out are taken as when it is embedded. Costs a small part of embedding.
   */
  countTokens(texts: readonly string[]): Promise<Uint32Array>;
  /** Ends the engine and its threads. Calls that are running reject with `CLOSED`. Twice is fine. */
  close(): Promise<void>;
}
