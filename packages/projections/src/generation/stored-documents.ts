import type { Database, Statement } from "bun:sqlite";
import type { DocumentOutcome, ReadDocument } from "../sources/document.ts";
import type { Passage, PassageKind } from "../sources/passage.ts";
import { PASSAGE_COLUMNS, type PassageRow, passageOf } from "./documents-schema.ts";

/** What a row's vector was made of. */
export interface VectorOrigin {
  /** SHA-256 (hex) of the rendered text that was embedded. */
  readonly digest: string;
  readonly truncated: boolean;
}

/** A document as it is stored, without what was read of it. */
export interface StoredDocument {
  readonly id: number;
  readonly kind: PassageKind;
  readonly source: string;
  readonly fingerprint: string;
}

/** A passage as it is stored. */
export interface StoredPassage {
  readonly row: number;
  readonly passage: Passage;
  /** SHA-256 (hex) of the rendered text. */
  readonly digest: string;
  /** Null while the generation is being made and the row has no vector yet. */
  readonly origin: VectorOrigin | null;
}

/** What became of a document, for a report. */
export interface StoredOutcome {
  readonly document: Pick<StoredDocument, "kind" | "source">;
  readonly outcome: DocumentOutcome;
  /** Passages it gave. */
  readonly passages: number;
}

interface Row extends PassageRow {
  row: number;
  text_digest: Uint8Array;
  vector_digest: Uint8Array | null;
  truncated: number | null;
}

/** Reads the documents of a `documents.sqlite`. */
export class StoredDocuments {
  readonly #database: Database;
  readonly #passages: Statement<Row>;

  constructor(database: Database) {
    this.#database = database;
    this.#passages = database.query<Row, [number]>(
      `SELECT row, text_digest, ${PASSAGE_COLUMNS}, vector_digest, truncated
       FROM passages LEFT JOIN (SELECT row, text_digest AS vector_digest, truncated FROM vectors) USING (row)
       WHERE document = ? ORDER BY ordinal`,
    );
  }

  /** All of them, some 200 bytes each. */
  list(): StoredDocument[] {
    return this.#database
      .query<StoredDocument, []>("SELECT id, kind, source, fingerprint FROM documents ORDER BY id")
      .all();
  }

  /** The passages of a document, in their order. */
  passages(document: number): StoredPassage[] {
    return this.#passages.all(document).map((found) => ({
      row: found.row,
      passage: passageOf(found),
      digest: hex(found.text_digest),
      origin:
        found.vector_digest === null
          ? null
          : { digest: hex(found.vector_digest), truncated: found.truncated === 1 },
    }));
  }

  /** What is stored of a document beside its passages. */
  facts({ id, fingerprint }: StoredDocument): Omit<ReadDocument, "passages"> {
    const { outcome } = this.#database.query("SELECT outcome FROM documents WHERE id = ?").get(id) as {
      outcome: string;
    };
    const touched = this.#database
      .query<{ path: string }, [number]>("SELECT path FROM touched WHERE document = ? ORDER BY rowid")
      .all(id);
    return {
      fingerprint,
      outcome: JSON.parse(outcome) as DocumentOutcome,
      touched: touched.map(({ path }) => path),
    };
  }

  /** What became of each document. */
  outcomes(): StoredOutcome[] {
    return this.#database
      .query<{ kind: PassageKind; source: string; outcome: string; passages: number }, []>(
        `SELECT kind, source, outcome, coalesce(passages, 0) AS passages
         FROM documents LEFT JOIN (SELECT document AS id, count(*) AS passages FROM passages GROUP BY document) USING (id)
         ORDER BY id`,
      )
      .all()
      .map(({ kind, source, outcome, passages }) => ({
        document: { kind, source },
        outcome: JSON.parse(outcome) as DocumentOutcome,
        passages,
      }));
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
