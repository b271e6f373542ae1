import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { fileError } from "../generation/durable-files.ts";

/** A link in the place of the file would carry what is written to any file of the user. */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Appends a record as a line of JSON, by one write: lines of several processes never mix. The file is the owner's alone.
 *
 * @throws PatinaError `IO` where it cannot be written, or not whole; then nothing of the record stays.
 */
export function appendRecord(file: string, record: object): void {
  const line = Buffer.from(`${JSON.stringify(record)}\n`, "utf8");
  try {
    const descriptor = openSync(file, APPEND, 0o600);
    try {
      const { size } = fstatSync(descriptor);
      const written = writeSync(descriptor, line);
      if (written === line.length) return;
      ftruncateSync(descriptor, size);
      throw Object.assign(new Error("the line was not written whole"), { code: "ENOSPC" });
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, file, "append to");
  }
}

/** Lines of a file, with their numbers from 1, the empty ones left out; none where there is no file. */
export function linesOf(file: string): { number: number; line: string }[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw fileError(error, file, "read");
  }
  return text
    .split("\n")
    .map((line, index) => ({ number: index + 1, line }))
    .filter(({ line }) => line !== "");
}

/**
 * Reads a line that {@link appendRecord} wrote.
 *
 * @throws PatinaError `INTEGRITY` naming file and line for anything else.
 */
export function readRecord<T>(
  file: string,
  { number, line }: { readonly number: number; readonly line: string },
  schema: v.GenericSchema<unknown, T>,
): T {
  try {
    return v.parse(schema, JSON.parse(line));
  } catch (error) {
    const what = `${file}:${number}: ${(error as Error).message}; correct the line or delete it`;
    throw new PatinaError("INTEGRITY", what, { file, line: number, cause: error });
  }
}
