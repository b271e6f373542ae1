import type { Database, Statement } from "bun:sqlite";
import { PASSAGE_COLUMNS, type PassageRow, passageOf } from "../generation/documents-schema.ts";
import { damaged } from "../generation/manifest.ts";
import type { Passage } from "../sources/passage.ts";
import type { Hit } from "./lists.ts";
import type { PlacedHit } from "./rank-documents.ts";

/** What a row of `passages` belongs to. */
interface RowFacts {
  readonly row: number;
  readonly document: number;
  readonly text: string;
}

/** Rows whose facts are remembered; a search asks for some hundreds, most of them several times. */
const REMEMBERED = 20_000;

/** The passages of one generation, by their rows. */
export class StoredPassages {
  readonly #file: string;
  readonly #facts: Statement<RowFacts>;
  readonly #known: Map<number, RowFacts> = new Map();
  readonly #passage: Statement<PassageRow>;
  readonly #first: Statement<{ row: number }>;
  readonly #sameName: Statement<{ found: 1 }>;
  readonly #ofPath: Statement<{ row: number; start_line: number | null; end_line: number | null }>;

  /** `file` is only named in errors. */
  constructor(documents: Database, file: string) {
    this.#file = file;
    this.#facts = documents.query(
      `SELECT row, document, hex(text_digest) AS text FROM passages
       WHERE row IN (SELECT value FROM json_each(?))`,
    );
    this.#passage = documents.query(`SELECT ${PASSAGE_COLUMNS} FROM passages WHERE row = ?`);
    this.#first = documents.query("SELECT row FROM passages WHERE document = ? ORDER BY ordinal LIMIT 1");
    this.#sameName = documents.query(
      "SELECT 1 AS found FROM passages WHERE path <> ? AND (path = ? OR substr(path, -length(?)) = ?) LIMIT 1",
    );
    this.#ofPath = documents.query(
      `SELECT row, start_line, end_line FROM passages
       WHERE kind IN ('code', 'note') AND path = ? ORDER BY start_line, row`,
    );
  }

  /** Hits with the document and the text of each. */
  place(hits: readonly Hit[]): PlacedHit[] {
    this.#learn(hits.map(({ row }) => row));
    return hits.map((hit) => ({ ...hit, ...this.#factsOf(hit.row) }));
  }

  /** Names the text of a row: equal for equal texts. */
  textOf(row: number): string {
    this.#learn([row]);
    return this.#factsOf(row).text;
  }

  /** The passage of a row. */
  read(row: number): Passage {
    const stored = this.#passage.get(row);
    if (stored === null) throw damaged(this.#file, `it has no row ${row}`);
    return passageOf(stored);
  }

  /** The row of a document's first passage. */
  firstOf(document: number): number {
    const first = this.#first.get(document);
    if (first === null) throw damaged(this.#file, `it has no passage of document ${document}`);
    return first.row;
  }

  /** The rows of a file's own passages with their lines, in its order; a pair is about a file and no part of it. */
  ofPath(path: string): { row: number; startLine: number; endLine: number }[] {
    return this.#ofPath
      .all(path)
      .map(({ row, start_line, end_line }) => ({ row, startLine: start_line ?? 1, endLine: end_line ?? 1 }));
  }

  /** Whether another path with passages ends in the same name. */
  sharesName(path: string): boolean {
    const name = `/${path.slice(path.lastIndexOf("/") + 1)}`;
    return this.#sameName.get(path, name.slice(1), name, name) !== null;
  }

  #learn(rows: readonly number[]): void {
    if (this.#known.size > REMEMBERED) this.#known.clear();
    const unknown = rows.filter((row) => !this.#known.has(row));
    if (unknown.length === 0) return;
    for (const facts of this.#facts.all(JSON.stringify(unknown))) this.#known.set(facts.row, facts);
  }

  #factsOf(row: number): RowFacts {
    const facts = this.#known.get(row);
    if (facts === undefined) throw damaged(this.#file, `it has no row ${row}`);
    return facts;
  }
}
