import { Database } from "bun:sqlite";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { PatinaError } from "@patina/core";
import { fileError } from "./durable-files.ts";
import type { LocalPaths } from "./local-directory.ts";
import { databaseError, sqliteCode } from "./sqlite-errors.ts";

/** The right to write below `.patina/local`; held by one run at a time. */
export type RunLock = Disposable;

/**
 * Takes the lock or throws `BUSY` at once.
 *
 * The lock is SQLite's own on a database that stays empty. The system takes it back when its owner dies, however
 * that happens, so there is no stale lock to judge by process numbers.
 */
export function acquireRunLock(paths: LocalPaths): RunLock {
  let database: Database;
  try {
    database = new Database(paths.lock, { create: true });
  } catch (error) {
    throw databaseError(error, paths.lock, "delete it and run the command again");
  }
  try {
    database.run("PRAGMA busy_timeout = 0");
    // A journal on the disk would need room, and what makes room needs the lock as well.
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
    noteOwner(paths);
  } catch (error) {
    database.close();
    if (sqliteCode(error) === null) throw fileError(error, paths.lockOwner, "write");
    if (sqliteCode(error)?.startsWith("SQLITE_BUSY") !== true) {
      throw databaseError(error, paths.lock, "delete it and run the command again");
    }
    throw new PatinaError(
      "BUSY",
      `another run is indexing this project (${owner(paths)}): wait for it to end, or stop it. ` +
        "Searches go on with the current index meanwhile",
      { file: paths.lock, cause: error },
    );
  }
  return {
    [Symbol.dispose](): void {
      rmSync(paths.lockOwner, { force: true });
      database.close();
    },
  };
}

/** Notes who holds the lock; on a full disk without a word, since whoever needs room next says so, or makes some. */
function noteOwner(paths: LocalPaths): void {
  try {
    writeFileSync(paths.lockOwner, `process ${process.pid} since ${new Date().toISOString()}\n`);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
  }
}

/** Who says to hold the lock: for a message only, the lock itself is what counts. */
function owner(paths: LocalPaths): string {
  try {
    return readFileSync(paths.lockOwner, "utf8").trim() || "owner unknown";
  } catch (error) {
    return `owner unknown, ${(error as Error).message}`;
  }
}
