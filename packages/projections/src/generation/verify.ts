import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { verifyFile } from "./file-digests.ts";
import { DOCUMENTS, damaged, type Manifest, readManifest, VECTORS } from "./manifest.ts";
import { BUSY_TIMEOUT, databaseError } from "./sqlite-errors.ts";
import { firstUnsoundRow, mapVectors } from "./vectors-file.ts";

/** A generation's parts, open for reading. */
export interface OpenGeneration {
  readonly manifest: Manifest;
  readonly documents: Database;
  /** `[passages × dimension]` */
  readonly vectors: Float32Array;
}

/**
 * Opens a generation. The vectors file is read whole by every search, so its digest is checked here; the documents
 * are checked to be this generation's and of the right size, and SQLite watches the pages that it reads.
 */
export function openGeneration(directory: string): OpenGeneration {
  const manifest = readManifest(directory);
  const vectorsFile = join(directory, VECTORS);
  verifyFile(vectorsFile, manifest.files[VECTORS], false);
  const vectors = mapVectors(vectorsFile, manifest.counts.passages, manifest.dimension);
  const documents = openDocuments(join(directory, DOCUMENTS), manifest);
  return { manifest, documents, vectors };
}

/** Checks all of a generation: SHA-256 of its files, row counts, every vector finite and of unit length. */
export function verifyGeneration(directory: string): Manifest {
  const { manifest, documents, vectors } = openGeneration(directory);
  try {
    for (const name of [DOCUMENTS, VECTORS] as const)
      verifyFile(join(directory, name), manifest.files[name], true);
    checkRows(documents, join(directory, DOCUMENTS), manifest.counts.passages);
  } finally {
    documents.close();
  }
  const unsound = firstUnsoundRow(vectors, manifest.dimension);
  if (unsound !== null) throw damaged(join(directory, VECTORS), `row ${unsound} is no unit vector`);
  return manifest;
}

function openDocuments(file: string, manifest: Manifest): Database {
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

function checkRows(documents: Database, file: string, due: number): void {
  try {
    for (const table of ["passages", "full_text"]) {
      const { rows } = documents.query(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number };
      if (rows !== due) throw damaged(file, `${table} has ${rows} rows, the manifest says ${due}`);
    }
  } catch (error) {
    throw databaseError(error, file, REMEDY);
  }
}
