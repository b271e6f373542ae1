/** Core's engine interface over the addon, for every runtime the addon has. */
import {
  type EmbedBatchOptions,
  type Embedding,
  type EmbeddingEngine,
  EmbeddingMatrix,
  type EmbedOptions,
  type EmbedProgress,
  type EmbedStreamOptions,
  type EngineOptions,
  PatinaError,
  type Runtime,
  throwIfAborted,
} from "@patina/core";
import { abortable } from "./abortable.ts";
import { checkCount } from "./check-count.ts";
import type { ModelSpec, NativeEngine } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";
import { groups, pipeline } from "./pipeline.ts";
import { threadLimit } from "./threads.ts";

/** Texts that `embedStream` takes together: enough to sort by length, few enough to hold. */
const STREAM_GROUP = 512;

/** What a native engine is opened with. */
export interface NativeOpenOptions extends EngineOptions {
  /** ONNX Runtime's shared library. */
  readonly onnxLibrary?: string;
}

/** Loads a model in the native core. */
export async function openNativeEngine(
  spec: ModelSpec,
  options: NativeOpenOptions = {},
): Promise<EmbeddingEngine> {
  checkCount("threads", options.threads);
  // A number of bytes, which crosses the border as the double it is.
  checkCount("memory", options.memory, Number.MAX_SAFE_INTEGER);
  // Has to be known before the engine counts its workers.
  threadLimit();
  const { NativeEngine } = loadAddon();
  const native = new NativeEngine();
  const outcome = await native.open(spec, { ...options });
  if (outcome.error) throw fromNative(outcome.error);
  return new OpenEngine(native, spec);
}

class OpenEngine implements EmbeddingEngine {
  readonly modelName: string;
  readonly dimension: number;
  readonly maxTokens: number;
  readonly runtime: Runtime;
  readonly encoderId: string;
  readonly warnings: readonly string[];
  readonly #native: NativeEngine;
  #closing: Promise<void> | undefined;

  constructor(native: NativeEngine, spec: ModelSpec) {
    this.#native = native;
    this.modelName = spec.name;
    this.dimension = spec.dimension;
    this.maxTokens = spec.maxTokens;
    this.runtime = spec.runtime;
    this.encoderId = native.encoderId;
    this.warnings = native.warnings;
  }

  async embed(text: string, options: EmbedOptions = {}): Promise<Embedding> {
    return (await this.embedBatch([text], options)).at(0);
  }

  embedQuery(text: string, options: Omit<EmbedOptions, "kind"> = {}): Promise<Embedding> {
    return this.embed(text, { ...options, kind: "query" });
  }

  embedPassage(text: string, options: Omit<EmbedOptions, "kind"> = {}): Promise<Embedding> {
    return this.embed(text, { ...options, kind: "passage" });
  }

  async embedBatch(texts: readonly string[], options: EmbedBatchOptions = {}): Promise<EmbeddingMatrix> {
    const { signal, onProgress, ...rest } = options;
    throwIfAborted(signal);
    checkTexts(texts);
    checkCount("dimension", rest.dimension);
    const total = texts.length;
    const progress = onProgress && new Progress(onProgress, total);
    const outcome = await abortable(signal, (abort, guard) => {
      const onDone = progress && guard((done: number) => progress.at(done));
      return this.#native.embedBatch(texts as string[], rest, abort, onDone);
    });
    progress?.end(outcome.error === undefined);
    if (outcome.error) throw fromNative(outcome.error, signal);
    const { data, tokens, truncated, specialTokens, dimension } = outcome;
    if (!data || !tokens || !truncated || !specialTokens) {
      throw new PatinaError("INTERNAL", "the addon gave neither vectors nor an error");
    }
    return new EmbeddingMatrix({ data, rows: total, dimension, tokens, truncated, specialTokens });
  }

  async *embedStream(
    texts: AsyncIterable<string> | Iterable<string>,
    options: EmbedStreamOptions = {},
  ): AsyncGenerator<Embedding, void, undefined> {
    const { groupSize = STREAM_GROUP, ...rest } = options;
    checkCount("groupSize", groupSize);
    yield* pipeline(
      groups(texts, groupSize),
      (group, signal) => this.embedBatch(group, { ...rest, signal }),
      rest.signal,
    );
  }

  async countTokens(texts: readonly string[]): Promise<Uint32Array> {
    checkTexts(texts);
    const { error, tokens } = await this.#native.countTokens(texts as string[]);
    if (error) throw fromNative(error);
    if (!tokens) throw new PatinaError("INTERNAL", "the addon gave neither counts nor an error");
    return tokens;
  }

  close(): Promise<void> {
    this.#closing ??= this.#native.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Progress that only goes up and is over when its call is: workers report side by side, and what they report reaches
 * the event loop by another way than the result, so a report may come late.
 */
class Progress {
  readonly #tell: (progress: EmbedProgress) => void;
  readonly #total: number;
  #told = 0;

  constructor(tell: (progress: EmbedProgress) => void, total: number) {
    this.#tell = tell;
    this.#total = total;
  }

  at(done: number): void {
    if (done <= this.#told) return;
    this.#told = done;
    this.#tell({ done, total: this.#total });
  }

  end(succeeded: boolean): void {
    if (succeeded) this.at(this.#total);
    this.#told = this.#total;
  }
}

function checkTexts(texts: readonly string[]): void {
  if (!Array.isArray(texts)) {
    throw new PatinaError("INVALID_INPUT", `texts have to be an array of strings, not ${typeof texts}`);
  }
  for (const [index, text] of texts.entries()) {
    if (typeof text !== "string") {
      throw new PatinaError("INVALID_INPUT", `text ${index} is no string but ${typeof text}`, { index });
    }
    // Half a surrogate pair has no UTF-8; replaced without a word it would give the vector of another text.
    if (!text.isWellFormed()) {
      throw new PatinaError(
        "INVALID_INPUT",
        `text ${index} holds half a surrogate pair, which is no text; text.toWellFormed() replaces it`,
        { index },
      );
    }
  }
}
