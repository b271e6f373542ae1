import type { Database, Statement } from "bun:sqlite";
import { join } from "node:path";
import { type EmbeddingEngine, PatinaError } from "@patina/core";
import { normalize, type VectorIndex } from "@patina/native";
import { DOCUMENTS, type Manifest } from "../generation/manifest.ts";
import { databaseError } from "../generation/sqlite-errors.ts";
import { type OpenGeneration, REMEDY } from "../generation/verify.ts";
import { PASSAGE_COLUMNS, type PassageRow, passageOf } from "../index/documents-schema.ts";
import { PASSAGE_KINDS, type Passage, type PassageKind } from "../sources/passage.ts";
import { assertCompatible } from "./compatible.ts";
import { FullTextList } from "./full-text.ts";
import { type FusedHit, fuse, LIST_WEIGHTS, type ListVote, type ListWeights } from "./fusion.ts";
import { VectorList } from "./vector-list.ts";

/** Results of a search that asks for no number. */
export const DEFAULT_LIMIT = 10;

/** Most results of one search. */
export const MAX_LIMIT = 1_000;

/** Places of each list that take part in the fusion: this many, or this many times the limit if that is more. */
const DEPTH = { least: 100, perResult: 4 };

/** Options of a search. */
export interface SearchOptions {
  /** Embeds the query; must be the model that made the index. */
  readonly engine: EmbeddingEngine;
  /** Default {@link DEFAULT_LIMIT}. */
  readonly limit?: number | undefined;
  /** Only passages of these kinds; default all. */
  readonly kinds?: readonly PassageKind[] | undefined;
  /** The engine's passage template, to be held against the index's; not compared when absent. */
  readonly passageTemplate?: string | null | undefined;
  /** What each list counts for in the fusion; one of weight 0 is not asked. Default {@link LIST_WEIGHTS}. */
  readonly weights?: ListWeights | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A passage that was found, with what each list thought of it. */
export interface SearchResult extends Passage {
  /** Of the fusion; only its order within one search means anything. */
  readonly score: number;
  readonly why: readonly ListVote[];
}

/** One generation, open for searching; it stays with that generation whatever is indexed meanwhile. */
export class SearchIndex implements Disposable {
  /** What made the index and what it holds. */
  readonly manifest: Manifest;
  readonly #file: string;
  readonly #documents: Database;
  readonly #fullText: FullTextList;
  readonly #index: VectorIndex;
  readonly #vectors: VectorList;
  readonly #text: Statement<{ digest: string }>;
  readonly #passage: Statement<PassageRow>;
  #closed = false;

  constructor(directory: string, { manifest, documents, vectors }: OpenGeneration) {
    const { counts } = manifest;
    this.manifest = manifest;
    this.#file = join(directory, DOCUMENTS);
    this.#documents = documents;
    this.#fullText = new FullTextList(documents, counts.passages);
    const hasHidden = counts.rows > counts.passages || counts.duplicates > 0;
    this.#index = vectors;
    this.#vectors = new VectorList(documents, vectors, hasHidden);
    this.#text = documents.query("SELECT hex(text_digest) AS digest FROM passages WHERE row = ?");
    this.#passage = documents.query(`SELECT ${PASSAGE_COLUMNS} FROM passages WHERE row = ?`);
  }

  /**
   * The passages that fit a query best, by full-text and vectors fused. Every character of the query is taken as
   * text; a query without a word is answered by vectors alone.
   */
  async search(query: string, options: SearchOptions): Promise<SearchResult[]> {
    const { engine, limit = DEFAULT_LIMIT, passageTemplate, signal } = options;
    const kinds = checkedKinds(options.kinds);
    if (query.trim() === "")
      throw new PatinaError("INVALID_INPUT", "the query is empty: say what to look for");
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw new PatinaError("INVALID_INPUT", `a search gives 1 to ${MAX_LIMIT} results, not ${limit}`);
    }
    const weights = checkedWeights(options.weights ?? LIST_WEIGHTS);
    this.#assertOpen();
    assertCompatible(this.manifest, { engine, passageTemplate });
    const vector = weights.vectors > 0 ? await this.#embed(query, engine, signal) : null;
    this.#assertOpen();
    const depth = Math.max(DEPTH.least, limit * DEPTH.perResult);
    try {
      const lists = [
        {
          list: "full-text" as const,
          hits: weights["full-text"] > 0 ? this.#fullText.find(query, kinds, depth) : [],
        },
        { list: "vectors" as const, hits: vector === null ? [] : this.#vectors.find(vector, kinds, depth) },
      ];
      return fuse(lists, weights, (row) => this.#text.get(row)?.digest ?? `row ${row}`)
        .slice(0, limit)
        .map((hit) => this.#result(hit));
    } catch (error) {
      throw databaseError(error, this.#file, REMEDY);
    }
  }

  /** Closes the files; twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#index.close();
    this.#documents.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #embed(
    query: string,
    engine: EmbeddingEngine,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const { dimension, fullDimension } = this.manifest;
    const { vector } = await engine.embedQuery(query, {
      ...(dimension === fullDimension ? {} : { dimension }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (vector.length === dimension) {
      // As the stored ones are, whatever length a model gives: the scores are cosines.
      const unit = vector.slice();
      normalize(unit);
      return unit;
    }
    throw new PatinaError(
      "INTERNAL",
      `the engine gave ${vector.length} numbers for a query, ${dimension} were asked`,
    );
  }

  #result({ row, score, why }: FusedHit): SearchResult {
    const found = this.#passage.get(row);
    if (found === null) {
      throw new PatinaError("INTEGRITY", `${this.#file} has no row ${row}: ${REMEDY}`, { file: this.#file });
    }
    return { ...passageOf(found), score, why };
  }

  #assertOpen(): void {
    if (this.#closed) throw new PatinaError("CLOSED", "the index was closed: open it again to search");
  }
}

function checkedKinds(kinds: readonly PassageKind[] | undefined): readonly PassageKind[] | null {
  if (kinds === undefined) return null;
  const unknown = kinds.find((kind) => !PASSAGE_KINDS.includes(kind));
  if (kinds.length > 0 && unknown === undefined) return [...new Set(kinds)];
  const what = unknown === undefined ? "no kind was given" : `there is no kind “${unknown}”`;
  throw new PatinaError("INVALID_INPUT", `${what}: use one or more of ${PASSAGE_KINDS.join(", ")}`);
}

function checkedWeights(weights: ListWeights): ListWeights {
  const all = Object.values(weights);
  if (all.every((weight) => Number.isFinite(weight) && weight >= 0) && all.some((weight) => weight > 0))
    return weights;
  throw new PatinaError(
    "INVALID_INPUT",
    `the weights of the lists must be numbers from 0, one of them above it, not ${JSON.stringify(weights)}`,
  );
}
