import type { Database, Statement } from "bun:sqlite";
import { indexedText } from "./words.ts";

interface IndexedPassage {
  kind: string;
  path: string | null;
  title: string;
  text: string;
}

/** Puts rows of `passages` into the full-text index and takes them out. */
export class FullTextRows {
  readonly #select: Statement<IndexedPassage>;
  readonly #insert: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#select = database.query<IndexedPassage, [number]>(
      "SELECT kind, path, title, text FROM passages WHERE row = ?",
    );
    this.#insert = database.query(
      "INSERT INTO full_text (rowid, kind, path, title, text) VALUES (?, ?, ?, ?, ?)",
    );
    this.#delete = database.query("DELETE FROM full_text WHERE rowid = ?");
  }

  /** Indexes a row of `passages`. */
  add(row: number): void {
    const { kind, path, title, text } = this.#select.get(row) as IndexedPassage;
    this.#insert.run(row, kind, indexedText(path ?? ""), indexedText(title), indexedText(text));
  }

  /** Takes a row out; it need not be in `passages` any more. */
  remove(row: number): void {
    this.#delete.run(row);
  }
}
