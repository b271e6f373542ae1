import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { FullTextIndex, fullTextWordsVersion, type VectorIndex } from "@patina/native";
import { verifyFile } from "./file-digests.ts";
import { healable } from "./healable.ts";
import { CODES, DOCUMENTS, damaged, FULL_TEXT, type Manifest, readManifest } from "./manifest.ts";
import { BUSY_TIMEOUT, databaseError } from "./sqlite-errors.ts";
import { openVectors } from "./vector-codes.ts";

/** A generation's parts, open for reading. */
export interface OpenGeneration {
  readonly manifest: Manifest;
  readonly documents: Database;
  readonly fullText: FullTextIndex;
  readonly vectors: VectorIndex;
}

/**
 * Opens a generation. The codes of the vectors are read whole by every search, so their digest is checked here; the few
 * vectors that a search reads are held against their codes then. So are the words that it asks for against checksums in the
 * full-text index. The documents are checked to be this generation's and of the right size, and SQLite watches the pages that
 * it reads.
 */
export function openGeneration(directory: string): OpenGeneration {
  const manifest = readManifest(directory);
  verifyFile(join(directory, CODES), manifest.files[CODES]);
  using parts = new DisposableStack();
  const vectors = parts.use(openVectors(directory, manifest));
  const fullText = parts.use(openFullText(directory, manifest));
  const documents = openDocuments(join(directory, DOCUMENTS), manifest);
  parts.move();
  return { manifest, documents, fullText, vectors };
}

/** Opens the full-text index of a generation, after a look at whose it is. */
export function openFullText(
  directory: string,
  { counts, fullTextChecksum, words }: Manifest,
): FullTextIndex {
  const file = join(directory, FULL_TEXT);
  if (words !== fullTextWordsVersion()) throw otherWords(file, words);
  const index = healable(() => new FullTextIndex(file));
  if (index.checksum === fullTextChecksum && index.rows === counts.rows) return index;
  index.close();
  throw damaged(file, "it is not the one that the manifest speaks of");
}

function otherWords(file: string, found: number): PatinaError {
  const due = fullTextWordsVersion();
  return new PatinaError(
    "INDEX_INCOMPATIBLE",
    `${file} has version ${found} of what a word is, this version of Patina searches by ${due}: ` +
      "run `patina oxidize` to build the index anew",
    { file, expected: String(due), found: String(found) },
  );
}

/** Checks the digest of each file of a generation, and that its tables hold what its manifest counts. */
export function verifyGeneration(directory: string): Manifest {
  const manifest = readManifest(directory);
  for (const [name, file] of Object.entries(manifest.files)) verifyFile(join(directory, name), file);
  // One of another version is sound to that version; its digest was right.
  if (manifest.words === fullTextWordsVersion()) openFullText(directory, manifest).close();
  const documents = openDocuments(join(directory, DOCUMENTS), manifest);
  try {
    checkCounts(documents, join(directory, DOCUMENTS), manifest);
  } finally {
    documents.close();
  }
  return manifest;
}

/** Opens the documents of a generation for reading, after a look at their size and at whose they are. */
export function openDocuments(file: string, manifest: Manifest): Database {
  if (!existsSync(file)) throw damaged(file, "it is missing");
  const { size } = Bun.file(file);
  const due = manifest.files[DOCUMENTS].bytes;
  if (size !== due) throw damaged(file, `it has ${size} bytes, the manifest says ${due}`);
  try {
    const database = new Database(file, { readonly: true });
    try {
      database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      // A checkout could bring a database of its own: nothing that its schema names may act.
      database.run("PRAGMA trusted_schema = OFF");
      const row = database.query("SELECT value FROM meta WHERE key = 'generation'").get();
      const found = (row as { value: string } | null)?.value;
      if (found !== manifest.id) throw damaged(file, `it belongs to generation ${found ?? "unknown"}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw databaseError(error, file, REMEDY);
  }
}

/** What to do about damaged documents. */
export const REMEDY = "run `patina oxidize` to build the index anew; embeddings come from the cache";

function checkCounts(documents: Database, file: string, { counts }: Manifest): void {
  const due = {
    documents: counts.documents,
    passages: counts.passages,
    vectors: counts.passages,
    free_rows: counts.rows - counts.passages,
  };
  try {
    for (const [table, rows] of Object.entries(due)) {
      const { found } = documents.query(`SELECT count(*) AS found FROM ${table}`).get() as { found: number };
      if (found !== rows) throw damaged(file, `${table} has ${found} rows, the manifest says ${rows}`);
    }
  } catch (error) {
    throw databaseError(error, file, REMEDY);
  }
}
