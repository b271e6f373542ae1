import { Database, type Statement } from "bun:sqlite";
import { setImmediate } from "node:timers/promises";
import { throwIfAborted } from "@patina/core";
import { INDEXES, PASSAGE_COLUMNS, TABLES } from "../index/documents-schema.ts";
import { indexedText } from "../index/words.ts";
import type { Passage } from "../sources/passage.ts";
import { databaseError } from "./sqlite-errors.ts";

/** Passages between two returns to the event loop, so that Ctrl-C is heard. */
const ROWS_AT_ONCE = 1_000;

/** A distinct text of the generation in the making. */
export interface DistinctText {
  /** SHA-256 (hex) of the rendered text. */
  readonly digest: string;
  /** A row of `passages` that has it. */
  readonly row: number;
  /** UTF-16 units, as a measure of the work. */
  readonly length: number;
}

/** Writes `documents.sqlite` of a generation in the making. What fails here is thrown away with its directory. */
export class DocumentsWriter implements Disposable {
  readonly #file: string;
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #firstRows: Map<string, number> = new Map();
  readonly #texts: Map<string, DistinctText> = new Map();
  readonly #digests: string[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#database = new Database(file, { create: true });
    // Nothing needs a journal: a crash leaves a directory that the next run removes, and the end syncs the file.
    this.#database.run("PRAGMA journal_mode = OFF");
    this.#database.run("PRAGMA synchronous = OFF");
    for (const statement of TABLES) this.#database.run(statement);
    this.#insert = this.#database.query(
      `INSERT INTO passages (row, first_row, text_digest, ${PASSAGE_COLUMNS}) VALUES (${"?, ".repeat(15)}?)`,
    );
    this.#database.run("BEGIN");
  }

  /** Passages so far. */
  get rows(): number {
    return this.#digests.length;
  }

  /** Digest of the rendered text of each row, from row 1 on. */
  get digests(): readonly string[] {
    return this.#digests;
  }

  /** Rows that repeat another of the same kind. */
  get duplicates(): number {
    return this.rows - this.#firstRows.size;
  }

  /** The distinct texts, in the order in which they first came. */
  texts(): DistinctText[] {
    return [...this.#texts.values()];
  }

  /** Adds a passage as the next row. */
  add(passage: Passage, digest: string): void {
    const row = this.#digests.push(digest);
    const sameKindAndText = `${passage.kind} ${digest}`;
    const firstRow = this.#firstRows.get(sameKindAndText) ?? row;
    if (firstRow === row) this.#firstRows.set(sameKindAndText, row);
    if (!this.#texts.has(digest)) this.#texts.set(digest, { digest, row, length: passage.text.length });
    const {
      id,
      kind,
      path,
      startLine,
      endLine,
      commit,
      author,
      time,
      symbol,
      marks,
      title,
      bodyStart,
      text,
    } = passage;
    this.#guard(() =>
      this.#insert.run(
        row,
        firstRow,
        Buffer.from(digest, "hex"),
        id,
        kind,
        path,
        startLine,
        endLine,
        commit,
        author,
        time,
        symbol,
        JSON.stringify(marks),
        title,
        bodyStart,
        text,
      ),
    );
  }

  /** Text and title of a row. */
  passage(row: number): { text: string; title: string; path: string | null } {
    return this.#guard(
      () =>
        this.#database.query("SELECT text, title, path FROM passages WHERE row = ?").get(row) as {
          text: string;
          title: string;
          path: string | null;
        },
    );
  }

  /** Builds the full-text index and the others, and commits. */
  async finish(
    generation: string,
    signal: AbortSignal | undefined,
    onRows: (done: number) => void,
  ): Promise<void> {
    const select = this.#database.query<
      { row: number; kind: string; path: string | null; title: string; text: string },
      [number, number]
    >("SELECT row, kind, path, title, text FROM passages WHERE row > ? ORDER BY row LIMIT ?");
    const insert = this.#database.query(
      "INSERT INTO full_text (rowid, kind, path, title, text) VALUES (?, ?, ?, ?, ?)",
    );
    for (let done = 0; done < this.rows; ) {
      throwIfAborted(signal);
      this.#guard(() => {
        for (const { row, kind, path, title, text } of select.all(done, ROWS_AT_ONCE)) {
          insert.run(row, kind, indexedText(path ?? ""), indexedText(title), indexedText(text));
        }
      });
      done = Math.min(done + ROWS_AT_ONCE, this.rows);
      onRows(done);
      await setImmediate();
    }
    this.#guard(() => {
      // One segment instead of several: every later search reads one list per word.
      this.#database.run("INSERT INTO full_text (full_text) VALUES ('optimize')");
      for (const statement of INDEXES) this.#database.run(statement);
      this.#database.query("INSERT INTO meta (key, value) VALUES ('generation', ?)").run(generation);
      this.#database.run("COMMIT");
    });
  }

  /** Closes the file; twice is fine. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#file, "run `patina oxidize` again, it is built anew");
    }
  }
}
