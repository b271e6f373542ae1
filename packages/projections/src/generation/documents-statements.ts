import { Database, type Statement } from "bun:sqlite";
import { PASSAGE_COLUMNS, type PassageRow } from "./documents-schema.ts";

/** Opens `documents.sqlite` of a generation in the making. */
export function openForWriting(file: string): Database {
  const database = new Database(file, { create: true });
  // Nothing needs a journal: a crash leaves a directory that the next run removes, and the end syncs the file.
  database.run("PRAGMA journal_mode = OFF");
  database.run("PRAGMA synchronous = OFF");
  return database;
}

/** The statements by which documents and passages come and go; prepared once, as each is used for thousands of rows. */
export class DocumentsStatements {
  readonly addDocument: Statement;
  readonly addTouched: Statement;
  readonly addPassage: Statement;
  readonly addVector: Statement;
  readonly addFree: Statement;
  readonly passage: Statement<PassageRow>;
  readonly rowsOf: Statement<{ row: number; kind: string; digest: Uint8Array }>;
  readonly removePassage: Statement;
  readonly removeVector: Statement;
  readonly removeTouched: Statement;
  readonly removeDocument: Statement;

  constructor(database: Database) {
    this.addDocument = database.query(
      "INSERT INTO documents (kind, source, fingerprint, outcome) VALUES (?, ?, ?, ?)",
    );
    this.addTouched = database.query("INSERT INTO touched (document, path) VALUES (?, ?)");
    this.addPassage = database.query(
      `INSERT INTO passages (row, first_row, document, ordinal, text_digest, ${PASSAGE_COLUMNS})
       VALUES (${"?, ".repeat(17)}?)`,
    );
    this.addVector = database.query("INSERT INTO vectors (row, text_digest, truncated) VALUES (?, ?, ?)");
    this.addFree = database.query("INSERT INTO free_rows (row) VALUES (?)");
    this.passage = database.query(`SELECT ${PASSAGE_COLUMNS} FROM passages WHERE row = ?`);
    this.rowsOf = database.query("SELECT row, kind, text_digest AS digest FROM passages WHERE document = ?");
    this.removePassage = database.query("DELETE FROM passages WHERE row = ?");
    this.removeVector = database.query("DELETE FROM vectors WHERE row = ?");
    this.removeTouched = database.query("DELETE FROM touched WHERE document = ?");
    this.removeDocument = database.query("DELETE FROM documents WHERE id = ?");
  }
}
