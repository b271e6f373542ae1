import type { Passage } from "../sources/passage.ts";
import { TOKENIZER } from "./words.ts";

/** Columns of `passages` that make a {@link Passage}, in the order of the table. */
export const PASSAGE_COLUMNS =
  "id, kind, path, start_line, end_line, commit_hash, author, time, symbol, marks, title, body_start, text";

/** A passage as the table has it. */
export interface PassageRow {
  id: string;
  kind: Passage["kind"];
  path: string | null;
  start_line: number | null;
  end_line: number | null;
  commit_hash: string | null;
  author: string | null;
  time: number | null;
  symbol: string | null;
  /** JSON. */
  marks: string;
  title: string;
  body_start: number;
  text: string;
}

/**
 * Tables of `documents.sqlite`. `row` numbers passages from 1 and is the rowid of all tables; row r has its vector
 * at r - 1 of `vectors/passages.f32`. `first_row` is the first passage of the same kind and text: where it is
 * another row, this one is a duplicate. The text comes last, so that the small columns are read without its pages.
 */
export const TABLES: readonly string[] = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  `CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    first_row INTEGER NOT NULL,
    text_digest BLOB NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT,
    start_line INTEGER,
    end_line INTEGER,
    commit_hash TEXT,
    author TEXT,
    time INTEGER,
    symbol TEXT,
    marks TEXT NOT NULL,
    title TEXT NOT NULL,
    body_start INTEGER NOT NULL,
    text TEXT NOT NULL
  )`,
  // Contentless: the words of a passage are its text and the parts of its identifiers, which nobody reads back.
  // `kind` is indexed so that a filter by kind is a part of the query and not a second pass over its answers.
  `CREATE VIRTUAL TABLE full_text USING fts5 (
    kind, path, title, text, content = '', tokenize = "${TOKENIZER}"
  )`,
];

/** Made after the passages are in, which is faster than keeping them up to date meanwhile. */
export const INDEXES: readonly string[] = [
  "CREATE UNIQUE INDEX passages_by_id ON passages (id)",
  // Holds all that filters ask about, so that they read it and not the table with its texts.
  "CREATE INDEX passages_by_facts ON passages (kind, path, author, time, marks)",
  "CREATE INDEX duplicate_passages ON passages (row) WHERE first_row <> row",
];
