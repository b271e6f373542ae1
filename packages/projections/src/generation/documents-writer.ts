import type { Database } from "bun:sqlite";
import type { ReadDocument, SourceDocument } from "../sources/document.ts";
import type { Passage } from "../sources/passage.ts";
import { INDEXES, type PassageRow, passageOf, TABLES } from "./documents-schema.ts";
import { DocumentsStatements, openForWriting } from "./documents-statements.ts";
import { Duplicates } from "./duplicates.ts";
import { FreeRows } from "./free-rows.ts";
import type { Manifest } from "./manifest.ts";
import { databaseError } from "./sqlite-errors.ts";
import { StoredDocuments, type VectorOrigin } from "./stored-documents.ts";

/** What to do about a file in the making. */
const AGAIN = "run `patina oxidize` again, it is built anew";

/** A passage that this run adds. */
export interface NewRow {
  /** From 1. */
  readonly row: number;
  /** SHA-256 (hex) of the rendered text. */
  readonly digest: string;
}

/** A distinct text among the passages that a run adds. */
export interface DistinctText {
  /** SHA-256 (hex) of the rendered text. */
  readonly digest: string;
  /** A row of `passages` that has it. */
  readonly row: number;
  /** UTF-16 units, as a measure of the work. */
  readonly length: number;
}

/**
 * Writes `documents.sqlite` of a generation in the making: a new one, or the changes to a copy of the one before. What
 * fails here is thrown away with its directory.
 */
export class DocumentsWriter implements Disposable {
  readonly #file: string;
  readonly #database: Database;
  /** Whether the file began as a copy; a new one gets its indexes at the end. */
  readonly #isCopy: boolean;
  readonly #free: FreeRows;
  readonly #freeBefore: ReadonlySet<number>;
  readonly #added: NewRow[] = [];
  readonly #texts: Map<string, DistinctText> = new Map();
  readonly #duplicates: Duplicates;
  readonly #statements: DocumentsStatements;

  /** Begins a new file. */
  static create(file: string): DocumentsWriter {
    return DocumentsWriter.#open(file, (database) => {
      for (const statement of TABLES) database.run(statement);
      return new DocumentsWriter(file, database, new FreeRows([], 0), false);
    });
  }

  /** Changes a copy of a generation's documents; `rows` is how many its vectors file has. */
  static change(file: string, rows: number): DocumentsWriter {
    return DocumentsWriter.#open(file, (database) => {
      const free = database.query<{ row: number }, []>("SELECT row FROM free_rows ORDER BY row").all();
      const rowsOf = new FreeRows(
        free.map(({ row }) => row),
        rows,
      );
      return new DocumentsWriter(file, database, rowsOf, true);
    });
  }

  static #open(file: string, begin: (database: Database) => DocumentsWriter): DocumentsWriter {
    let database: Database | undefined;
    try {
      database = openForWriting(file);
      return begin(database);
    } catch (error) {
      database?.close();
      throw databaseError(error, file, AGAIN);
    }
  }

  private constructor(file: string, database: Database, free: FreeRows, isCopy: boolean) {
    this.#file = file;
    this.#database = database;
    this.#free = free;
    this.#freeBefore = new Set(free.free);
    this.#isCopy = isCopy;
    this.#duplicates = new Duplicates(database, isCopy);
    this.#statements = new DocumentsStatements(database);
    database.run("BEGIN");
  }

  /** Rows that the vectors file needs. */
  get rows(): number {
    return this.#free.rows;
  }

  /** Whether there is no passage at all. */
  get isEmpty(): boolean {
    return this.#free.free.length === this.#free.rows;
  }

  /** Rows without a passage. */
  get freeRows(): readonly number[] {
    return this.#free.free;
  }

  /** Those that had one when the file was opened. */
  get freedRows(): readonly number[] {
    return this.#free.free.filter((row) => !this.#freeBefore.has(row));
  }

  /** The passages that were added, by row. */
  get added(): readonly NewRow[] {
    return this.#added.toSorted((a, b) => a.row - b.row);
  }

  /** The distinct texts that were added, in the order in which they first came. */
  texts(): DistinctText[] {
    return [...this.#texts.values()];
  }

  /** Takes a document out with all its passages. */
  remove(document: number): void {
    this.#guard(() => {
      const statements = this.#statements;
      for (const { row, kind, digest } of statements.rowsOf.all(document)) {
        this.#duplicates.note(kind, digest);
        statements.removePassage.run(row);
        statements.removeVector.run(row);
        this.#free.give(row);
      }
      statements.removeTouched.run(document);
      statements.removeDocument.run(document);
    });
  }

  /** Adds a document that was read; `digests` are the SHA-256 (hex) of its passages' texts as the model sees them. */
  add(
    { kind, source }: Pick<SourceDocument, "kind" | "source">,
    { fingerprint, outcome, passages, touched }: ReadDocument,
    digests: readonly string[],
  ): void {
    this.#guard(() => {
      const statements = this.#statements;
      const document = Number(
        statements.addDocument.run(kind, source, fingerprint, JSON.stringify(outcome)).lastInsertRowid,
      );
      for (const path of touched) statements.addTouched.run(document, path);
      for (const [ordinal, passage] of passages.entries()) {
        this.#addPassage(document, ordinal, passage, digests[ordinal] as string);
      }
    });
  }

  /** The passage of a row. */
  passage(row: number): Passage {
    return this.#guard(() => passageOf(this.#statements.passage.get(row) as PassageRow));
  }

  /** What is in the file by now, the changes of this run included. */
  stored(): StoredDocuments {
    return new StoredDocuments(this.#database);
  }

  /** What is in the file by now. */
  counts(): Manifest["counts"] {
    const count = (what: string): number =>
      (this.#database.query(`SELECT count(*) AS found FROM ${what}`).get() as { found: number }).found;
    return this.#guard(() => ({
      documents: count("documents"),
      passages: count("passages"),
      rows: this.rows,
      texts: count("(SELECT DISTINCT text_digest FROM passages)"),
      truncated: count("vectors WHERE truncated = 1"),
      duplicates: count("passages WHERE first_row <> row"),
    }));
  }

  /** Notes what the vectors of rows were made of. */
  noteVectors(vectors: readonly (VectorOrigin & { readonly row: number })[]): void {
    this.#guard(() => {
      for (const { row, digest, truncated } of vectors) {
        this.#statements.addVector.run(row, Buffer.from(digest, "hex"), truncated ? 1 : 0);
      }
    });
  }

  /** Brings duplicates and indexes up to date, and commits. */
  finish(generation: string): void {
    this.#guard(() => {
      if (!this.#isCopy) for (const statement of INDEXES) this.#database.run(statement);
      this.#duplicates.link();
      this.#database.run("DELETE FROM free_rows");
      for (const row of this.#free.free) this.#statements.addFree.run(row);
      this.#database
        .query("INSERT OR REPLACE INTO meta (key, value) VALUES ('generation', ?)")
        .run(generation);
      this.#database.run("COMMIT");
    });
  }

  /** Closes the file; twice is fine. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #addPassage(document: number, ordinal: number, passage: Passage, digest: string): void {
    const row = this.#free.take();
    this.#added.push({ row, digest });
    const bytes = Buffer.from(digest, "hex");
    this.#duplicates.note(passage.kind, bytes);
    if (!this.#texts.has(digest)) this.#texts.set(digest, { digest, row, length: passage.text.length });
    const { id, kind, path, startLine, endLine, commit, author, time, symbol, marks, title, text } = passage;
    const head = [row, row, document, ordinal, bytes, id, kind, path, startLine, endLine, commit, author];
    const facts = [time, symbol, JSON.stringify(marks), title, passage.bodyStart, text];
    this.#statements.addPassage.run(...head, ...facts);
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#file, AGAIN);
    }
  }
}
