import type { Database, Statement } from "bun:sqlite";
import { indexedText } from "./words.ts";

interface IndexedPassage {
  kind: string;
  path: string | null;
  title: string;
  text: string;
}

/**
 * Puts rows of `passages` into the full-text index and takes them out. To take one out FTS5 is given the very words that
 * it was put in with, so both are made of the stored passage by the same code: {@link WORDS_VERSION} stands for it.
 */
export class FullTextRows {
  readonly #select: Statement<IndexedPassage>;
  readonly #insert: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    const columns = "rowid, kind, path, title, text";
    this.#select = database.query<IndexedPassage, [number]>(
      "SELECT kind, path, title, text FROM passages WHERE row = ?",
    );
    this.#insert = database.query(`INSERT INTO full_text (${columns}) VALUES (?, ?, ?, ?, ?)`);
    this.#delete = database.query(
      `INSERT INTO full_text (full_text, ${columns}) VALUES ('delete', ?, ?, ?, ?, ?)`,
    );
  }

  /** Indexes a row of `passages`. */
  add(row: number): void {
    this.#insert.run(row, ...this.#words(row));
  }

  /** Takes a row of `passages` out; it has to be there still. */
  remove(row: number): void {
    this.#delete.run(row, ...this.#words(row));
  }

  #words(row: number): string[] {
    const { kind, path, title, text } = this.#select.get(row) as IndexedPassage;
    return [kind, indexedText(path ?? ""), indexedText(title), indexedText(text)];
  }
}
