/**
 * What the databases of this package share. Their statements are made by `query` and not by `prepare`: `close` ends
 * those too, and only then are the file closed and its log folded in.
 */
import { PatinaError } from "@patina/core";

/** Milliseconds a statement waits for another process before it gives up with `SQLITE_BUSY`. */
export const BUSY_TIMEOUT = 10_000;

/** SQLite's name for what went wrong (`SQLITE_CORRUPT`); null for an error that is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : null;
}

/** True when SQLite found that the file is no sound database. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB");
}

/** What SQLite says where there is no room; the second of the file that a log's readers share. */
const NO_ROOM: ReadonlySet<string> = new Set(["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"]);

/** The error for what SQLite said about `file`; errors that are not SQLite's pass through as they are. */
export function databaseError(error: unknown, file: string, remedy: string): unknown {
  const code = sqliteCode(error);
  if (code === null) return error;
  if (isDamage(error)) {
    return new PatinaError("INTEGRITY", `${file} is damaged (${code}): ${remedy}`, { file, cause: error });
  }
  const why = NO_ROOM.has(code)
    ? "the disk is full; free some space and run it again"
    : ((error as Error).message ?? code);
  return new PatinaError("IO", `cannot use the database ${file} (${code}: ${why})`, { file, cause: error });
}
