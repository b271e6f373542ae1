import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { DOCUMENTS, type Manifest } from "../generation/manifest.ts";
import { databaseError } from "../generation/sqlite-errors.ts";
import { type OpenGeneration, REMEDY } from "../generation/verify.ts";
import { resultsOf, type SearchAnswer, type SearchResult } from "./answer.ts";
import { deepEnough } from "./depth.ts";
import { embedQuery } from "./embed-query.ts";
import { type FilteredRows, RowFilter } from "./filtered-rows.ts";
import { FullTextList } from "./full-text.ts";
import type { RankedList } from "./fusion.ts";
import { checkedOptions, type SearchOptions } from "./options.ts";
import { Stopwatch } from "./stopwatch.ts";
import { StoredPassages } from "./stored-passages.ts";
import { VectorList } from "./vector-list.ts";
import { checkedWeights, leadOf } from "./weights.ts";

/** One generation, open for searching; it stays with that generation whatever is indexed meanwhile. */
export class SearchIndex implements Disposable {
  /** What made the index and what it holds. */
  readonly manifest: Manifest;
  readonly #file: string;
  readonly #documents: Database;
  readonly #fullText: FullTextList;
  readonly #vectors: VectorList;
  readonly #stored: StoredPassages;
  readonly #filter: RowFilter;
  #closed = false;

  constructor(directory: string, { manifest, documents, vectors }: OpenGeneration) {
    const { counts, dimension } = manifest;
    this.manifest = manifest;
    this.#file = join(directory, DOCUMENTS);
    this.#documents = documents;
    this.#fullText = new FullTextList(documents, counts.passages);
    this.#vectors = new VectorList(documents, vectors, dimension, counts.duplicates > 0);
    this.#stored = new StoredPassages(documents, this.#file);
    this.#filter = new RowFilter(documents, counts.passages);
  }

  /** The documents that fit a query best: the results of {@link SearchIndex.ask}. */
  async search(query: string, options: SearchOptions = {}): Promise<readonly SearchResult[]> {
    return (await this.ask(query, options)).results;
  }

  /**
   * The documents (files, commits, pairs) that fit a query best, by full-text and vectors fused, and how that came to
   * be. Every character of the query is taken as text; a query without a word is answered by vectors alone.
   *
   * @throws PatinaError `INVALID_INPUT` for what cannot be acted on, `INDEX_INCOMPATIBLE` for an engine that did not make
   * the index, `INTEGRITY` where a file of it is damaged.
   */
  async ask(query: string, options: SearchOptions = {}): Promise<SearchAnswer> {
    const { limit, passagesPerDocument, k } = checkedOptions(query, options);
    const weights = checkedWeights(options.weights ?? this.manifest.search.weights);
    this.#assertOpen();
    const watch = new Stopwatch();
    const rows = this.#guard(() => this.#rows(options));
    watch.lap("filters");
    const nothing = rows?.report?.passages === 0;
    const vector = weights.vectors > 0 && !nothing ? await embedQuery(query, this.manifest, options) : null;
    watch.lap("embedding");
    this.#assertOpen();
    return this.#guard(() => {
      const lists: RankedList[] = [];
      const deep = { stored: this.#stored, documents: limit, passagesPerDocument };
      const words = weights["full-text"] > 0 ? this.#fullText.words(query) : null;
      if (words !== null && !nothing) {
        const find = (depth: number) => this.#fullText.find(words.sought, rows, depth);
        lists.push({ list: "full-text", documents: deepEnough(find, deep) });
      }
      watch.lap("full-text");
      if (vector !== null) {
        const find = (depth: number) => this.#vectors.find(vector, rows?.allowed, depth);
        lists.push({ list: "vectors", documents: deepEnough(find, deep) });
      }
      watch.lap("vectors");
      const results = resultsOf({ query, lists, weights, k, limit }, this.#stored);
      watch.lap("fusion");
      return {
        query,
        generation: this.manifest.id,
        results,
        weights,
        weightsFrom: options.weights === undefined ? this.manifest.search.from : "options",
        lead: leadOf(weights),
        lists: lists.map(({ list, documents }) => ({
          list,
          passages: documents.reduce((sum, { passages }) => sum + passages.length, 0),
          documents: documents.length,
        })),
        words,
        filtered: rows?.report ?? null,
        timings: watch.laps,
      };
    });
  }

  /** Closes the files; twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#documents.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #rows({ filters = {}, without }: SearchOptions): FilteredRows | null {
    const rows = this.#filter.find(filters);
    if (without === undefined) return rows;
    const { path, startLine = 1, endLine = Number.POSITIVE_INFINITY } = without;
    const own = this.#stored
      .ofPath(path)
      .filter((passage) => passage.startLine <= endLine && passage.endLine >= startLine);
    return own.length === 0
      ? rows
      : this.#filter.without(
          rows,
          own.map(({ row }) => row),
        );
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#file, REMEDY);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new PatinaError("CLOSED", "the index was closed: open it again to search");
  }
}
