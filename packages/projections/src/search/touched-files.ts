import type { Database, Statement } from "bun:sqlite";

/** A file that a commit touched and that has passages. */
export interface TouchedFile {
  /** Id of the file's document. */
  readonly document: number;
  /** Its first passage. */
  readonly row: number;
}

/** Commits whose files are remembered; a search asks for some dozens, and similar ones for the same. */
const REMEMBERED = 10_000;

/** What commits touched, of the files that one generation has. */
export class TouchedFiles {
  readonly #select: Statement<TouchedFile & { readonly commit: number }>;
  /** By commit; equal files are the same object. */
  readonly #known: Map<number, TouchedFile[]> = new Map();
  readonly #files: Map<number, TouchedFile> = new Map();

  constructor(documents: Database) {
    this.#select = documents.query(
      `SELECT touched.document AS "commit", documents.id AS document,
         (SELECT row FROM passages WHERE document = documents.id ORDER BY ordinal LIMIT 1) AS row
       FROM json_each(?) AS asked
       CROSS JOIN touched ON touched.document = asked.value
       CROSS JOIN documents ON documents.source = touched.path AND documents.kind IN ('code', 'note')
       WHERE row IS NOT NULL ORDER BY asked.key, touched.path`,
    );
  }

  /** The files of each commit (ids of documents), in the order of `commits`. Files that are gone are left out. */
  of(commits: readonly number[]): (readonly TouchedFile[])[] {
    if (this.#known.size > REMEMBERED) this.#known.clear();
    const unknown = commits.filter((commit) => !this.#known.has(commit));
    for (const commit of unknown) this.#known.set(commit, []);
    if (unknown.length > 0) {
      for (const { commit, document, row } of this.#select.all(JSON.stringify(unknown))) {
        const file = this.#files.get(document) ?? { document, row };
        this.#files.set(document, file);
        this.#known.get(commit)?.push(file);
      }
    }
    return commits.map((commit) => this.#known.get(commit) ?? []);
  }
}
