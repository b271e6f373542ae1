import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { DOCUMENTS, type Manifest } from "../generation/manifest.ts";
import { databaseError } from "../generation/sqlite-errors.ts";
import { type OpenGeneration, REMEDY } from "../generation/verify.ts";
import type { SearchAnswer, SearchResult } from "./answer.ts";
import { answerFile } from "./answer-file.ts";
import { beginQuery, type Query } from "./answer-query.ts";
import { type IndexParts, indexParts } from "./index-parts.ts";
import type { RelatedOptions, SearchOptions } from "./options.ts";
import { type Place, workingTreeText } from "./place-text.ts";

/** The answer of {@link SearchIndex.like}. */
export interface LikeAnswer extends SearchAnswer {
  /** Where the text was read: the working tree, or the index where the file is gone. */
  readonly textFrom: "working tree" | "index";
}

/** One generation, open for searching; it stays with that generation whatever is indexed meanwhile. */
export class SearchIndex implements Disposable {
  /** What made the index and what it holds. */
  readonly manifest: Manifest;
  /** The directory that holds `.patina`. */
  readonly root: string;
  readonly #file: string;
  readonly #parts: IndexParts;
  #closed = false;

  constructor(root: string, directory: string, generation: OpenGeneration) {
    this.root = root;
    this.manifest = generation.manifest;
    this.#file = join(directory, DOCUMENTS);
    this.#parts = indexParts(generation, this.#file);
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
  ask(query: string, options: SearchOptions = {}): Promise<SearchAnswer> {
    return this.#answer({ text: query }, options);
  }

  /**
   * What is like a file or some of its lines, as they are in the working tree now, else as they were indexed. What lies
   * there itself is no answer. Throws as {@link SearchIndex.ask}, and `INVALID_INPUT` where neither has the place.
   */
  async like(place: Place, options: SearchOptions = {}): Promise<LikeAnswer> {
    const now = await workingTreeText(this.root, place);
    const text = now ?? this.#indexedText(place);
    if (text.trim() === "")
      throw new PatinaError("INVALID_INPUT", `there is no text in ${place.path} where it was asked for`);
    const answer = await this.#answer({ text, place }, options);
    return { ...answer, textFrom: now === null ? "index" : "working tree" };
  }

  /**
   * What belongs with a file: documents near to its passages, files that were changed together with it, commits and
   * notes that name it.
   *
   * @throws PatinaError `INVALID_INPUT` for a file that the index does not know.
   */
  related(path: string, options: RelatedOptions = {}): SearchAnswer {
    this.#assertOpen();
    return this.#guard(() => answerFile(this.#parts, path, options));
  }

  /** Closes the files; twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.vectors.close();
    this.#parts.fullText.close();
    this.#parts.documents.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #answer(query: Query, options: SearchOptions): Promise<SearchAnswer> {
    this.#assertOpen();
    let begun: Awaited<ReturnType<typeof beginQuery>>;
    try {
      begun = await beginQuery(this.#parts, query, options);
    } catch (error) {
      throw databaseError(error, this.#file, REMEDY);
    }
    this.#assertOpen();
    return this.#guard(() => begun.finish());
  }

  #indexedText({ path, startLine = 1, endLine = Number.POSITIVE_INFINITY }: Place): string {
    this.#assertOpen();
    return this.#guard(() => {
      const { stored } = this.#parts;
      const texts = stored
        .ofPath(path)
        .filter((passage) => passage.startLine <= endLine && passage.endLine >= startLine)
        .map(({ row }) => stored.read(row).text);
      if (texts.length > 0) return texts.join("\n");
      const what = `${path} is neither in the working tree nor in the index: check the path, from the repository's root`;
      throw new PatinaError("INVALID_INPUT", what, { key: path });
    });
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
