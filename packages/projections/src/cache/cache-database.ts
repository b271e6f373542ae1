import { Database } from "bun:sqlite";
import { existsSync, renameSync } from "node:fs";
import { fileError } from "../generation/durable-files.ts";
import { BUSY_TIMEOUT, databaseError, isDamage, sqliteCode } from "../generation/sqlite-errors.ts";

/** Version of the cache's tables, in `PRAGMA user_version`. */
const CACHE_FORMAT = 1;

/** What a damaged cache costs and where it went; to be said aloud. */
export type Notice = (message: string) => void;

/** Opens the cache's database, or one in its place when the file is no sound database. */
export function openCacheDatabase(file: string, onNotice: Notice): Database {
  try {
    return openSound(file);
  } catch (error) {
    if (!isDamage(error) && !(error instanceof OtherFormat)) throw cacheError(error, file);
    moveAside(
      file,
      error instanceof OtherFormat ? error.message : (sqliteCode(error) ?? "damaged"),
      onNotice,
    );
    try {
      return openSound(file);
    } catch (again) {
      throw cacheError(again, file);
    }
  }
}

/** Renames a cache that cannot be used (closed before) and says so. */
export function moveAside(file: string, why: string, onNotice: Notice): void {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(/[-:.]/g, "")}`;
  try {
    // The log belongs to the database it was written for: left behind, it would be played into the new one.
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    }
  } catch (error) {
    throw fileError(error, file, "move aside the damaged cache");
  }
  onNotice(
    `the embedding cache ${file} cannot be used (${why}). It was moved to ${aside}, which you may delete; ` +
      "its texts are embedded again",
  );
}

/** What to say of an error that SQLite gave for the cache. */
export function cacheError(error: unknown, file: string): unknown {
  return databaseError(error, file, "delete it; its texts are embedded again");
}

class OtherFormat extends Error {}

function openSound(file: string): Database {
  const database = new Database(file, { create: true });
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    // In WAL a commit survives the death of the process at once, and the loss of power from the next checkpoint on.
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    const { user_version: format } = database.query("PRAGMA user_version").get() as { user_version: number };
    if (format === 0) createTables(database);
    else if (format !== CACHE_FORMAT) {
      throw new OtherFormat(`it has format ${format}, this version reads ${CACHE_FORMAT}`);
    }
    database.query("SELECT count(*) FROM encoders").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function createTables(database: Database): void {
  database.transaction(() => {
    database.run("CREATE TABLE encoders (id INTEGER PRIMARY KEY, encoder_id TEXT NOT NULL UNIQUE)");
    // The small columns come first: SQLite then reads them without the pages of a long vector.
    database.run(`CREATE TABLE embeddings (
      encoder INTEGER NOT NULL REFERENCES encoders (id),
      text_digest BLOB NOT NULL,
      tokens INTEGER NOT NULL,
      truncated INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      vector BLOB NOT NULL
    )`);
    database.run("CREATE UNIQUE INDEX embeddings_by_text ON embeddings (encoder, text_digest)");
    database.run(`PRAGMA user_version = ${CACHE_FORMAT}`);
  })();
}
