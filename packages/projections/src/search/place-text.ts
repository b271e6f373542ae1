import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { decodeText } from "../sources/decode.ts";
import { FileReader } from "../sources/file-reader.ts";

/** Bytes of a file that is read for a few of its lines. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file, or lines of it. */
export interface Place {
  /** From the repository's root, with `/`. */
  readonly path: string;
  /** From 1; absent: from the first. */
  readonly startLine?: number;
  /** Inclusive; absent: to the last. */
  readonly endLine?: number;
}

/**
 * Reads `PATH`, `PATH:12` or `PATH:12-40`.
 *
 * @throws PatinaError `INVALID_INPUT` for lines that run backwards or begin at 0.
 */
export function parsePlace(text: string): Place {
  const [, path = text, first, last = first] = /^(.+?)(?::(\d+)(?:-(\d+))?)?$/s.exec(text) ?? [];
  if (first === undefined) return { path };
  const [startLine, endLine] = [Number(first), Number(last)];
  if (startLine >= 1 && endLine >= startLine) return { path, startLine, endLine };
  throw new PatinaError(
    "INVALID_INPUT",
    `${text}: lines count from 1, and the last is not before the first`,
    {
      key: text,
    },
  );
}

/** How a place is written. */
export function placeName({ path, startLine, endLine }: Place): string {
  if (startLine === undefined) return path;
  return `${path}:${startLine}${endLine === startLine ? "" : `-${endLine}`}`;
}

/**
 * The text of a place as it is in the working tree now, read as an indexing run would read it: no link is followed; null
 * where there is no such file.
 *
 * @throws PatinaError `INVALID_INPUT` for lines that the file does not have and for what is no file of the project, `IO`
 * where it cannot be read.
 */
export async function workingTreeText(root: string, place: Place): Promise<string | null> {
  const file = join(root, place.path);
  if (place.path.split("/").includes(".."))
    throw new PatinaError("INVALID_INPUT", `${file} leads out of ${root}: name a file in it`, { file });
  const read = await (await FileReader.open(root)).read(place.path, MAX_BYTES);
  if (read.kind === "unreadable")
    throw new PatinaError("IO", `could not read ${file} (${read.reason}): name a file that can be read`, {
      file,
    });
  if (read.kind === "skipped" && read.reason === "missing") return null;
  if (read.kind === "skipped" && read.reason !== "empty") {
    const why = read.reason === "symlink" ? "a symbolic link is on its path" : `it is ${read.reason}`;
    throw new PatinaError("INVALID_INPUT", `${file} is not looked into: ${why}`, { file });
  }
  const text = read.kind === "read" ? decodeText(read.bytes).text : "";
  const { startLine = 1, endLine } = place;
  const lines = text.replace(/\n$/, "").split("\n");
  if ((endLine ?? 1) > lines.length) {
    const what = `${place.path} has ${lines.length} lines now, ${placeName(place)} lies beyond them`;
    throw new PatinaError("INVALID_INPUT", what, { file, line: startLine });
  }
  return lines.slice(startLine - 1, endLine).join("\n");
}
