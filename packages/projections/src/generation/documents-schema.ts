import type { CommitMark, Passage } from "../sources/passage.ts";

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

/** The passage of a row. */
export function passageOf(row: PassageRow): Passage {
  const { id, kind, path, author, time, symbol, title, text } = row;
  return {
    ...{ id, kind, path, startLine: row.start_line, endLine: row.end_line, commit: row.commit_hash },
    ...{ author, time, symbol, marks: JSON.parse(row.marks) as CommitMark[], title },
    ...{ bodyStart: row.body_start, text },
  };
}

/**
 * Tables of `documents.sqlite`.
 *
 * `row` numbers passages from 1 and is the rowid of `passages` and `vectors`; row r has its vector at r - 1 of
 * `vectors/passages.f32` and its words at r - 1 of `full-text.idx`. A passage keeps its row for as long as its document is not read again; the rows of those that
 * went are in `free_rows` until new ones take them. `first_row` is the first passage of the same kind and text: where it
 * is another row, this one is a duplicate. `vectors` names the text that a row's vector was made of: another one than its
 * own where a file was renamed. The text comes last, so that the small columns are read without its pages.
 */
export const TABLES: readonly string[] = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  `CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL
  )`,
  "CREATE TABLE touched (document INTEGER NOT NULL, path TEXT NOT NULL)",
  `CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    first_row INTEGER NOT NULL,
    document INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
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
  "CREATE TABLE vectors (row INTEGER PRIMARY KEY, text_digest BLOB NOT NULL, truncated INTEGER NOT NULL)",
  "CREATE TABLE free_rows (row INTEGER PRIMARY KEY)",
];

/** Made after the passages are in, which is faster than keeping them up to date meanwhile. */
export const INDEXES: readonly string[] = [
  "CREATE UNIQUE INDEX documents_by_source ON documents (kind, source)",
  "CREATE UNIQUE INDEX passages_by_id ON passages (id)",
  // Holds all that filters and co-change ask about, so that they read it and not the table with its texts.
  "CREATE INDEX passages_by_facts ON passages (kind, path, author, time, marks, document)",
  "CREATE INDEX passages_by_document ON passages (document, ordinal)",
  "CREATE INDEX passages_by_text ON passages (text_digest, kind)",
  "CREATE INDEX duplicate_passages ON passages (row) WHERE first_row <> row",
  "CREATE INDEX truncated_vectors ON vectors (row) WHERE truncated = 1",
  // Both cover what is asked: what a commit touched, and which commits touched a path.
  "CREATE INDEX touched_by_document ON touched (document, path)",
  "CREATE INDEX touched_by_path ON touched (path, document)",
];
