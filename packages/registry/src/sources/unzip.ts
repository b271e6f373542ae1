import { stat } from "node:fs/promises";
import { abortedError, PatinaError } from "@patina/core";
import type { Entry, ZipFile } from "yauzl";
import { type MeasuredFile, writeStream } from "../files.ts";

/** Weights hardly shrink; a file this many times larger than its whole archive is a bomb. */
const MAX_EXPANSION = 100;
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/** What to take out, and where to put it. */
export interface Extraction {
  /** The archive. */
  readonly file: string;
  /** The name of the one member that is taken. */
  readonly member: string;
  readonly target: string;
  /** In bytes, where it is known beforehand. */
  readonly size: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number, total: number) => void;
}

/** Takes one named file out of an archive, as a stream. Nothing else in it touches the disk. */
export async function extractMember(extraction: Extraction): Promise<MeasuredFile> {
  const { file, member, target, signal, onBytes } = extraction;
  let archive: ZipFile | undefined;
  try {
    // Loaded when it is needed: every command reads the registry, and hardly any opens an archive.
    const { openPromise } = await import("yauzl");
    // One hostile name (absolute, with ".." or a backslash) condemns the archive: no wheel has one.
    archive = await openPromise(file, { autoClose: false, strictFileNames: true });
    const entry = await findMember(archive, extraction);
    await checkMember(entry, extraction);
    const opened = archive;
    const total = entry.uncompressedSize;
    return await writeStream(
      () => opened.openReadStreamPromise(entry),
      target,
      signal,
      (bytes) => onBytes(bytes, total),
    );
  } catch (cause) {
    if (signal?.aborted) throw abortedError(signal);
    if (cause instanceof PatinaError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refusal(file, member, `it cannot be read: ${reason}`, cause);
  } finally {
    archive?.close();
  }
}

async function findMember(archive: ZipFile, { file, member }: Extraction): Promise<Entry> {
  let found: Entry | undefined;
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName !== member) continue;
    if (found !== undefined) throw refusal(file, member, "it holds two files of that name");
    found = entry;
  }
  if (found === undefined) throw refusal(file, member, "it holds no such file");
  return found;
}

async function checkMember(entry: Entry, { file, member, size }: Extraction): Promise<void> {
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR_FILE) {
    throw refusal(file, member, "it is a symbolic link or another special file");
  }
  if (entry.isEncrypted()) throw refusal(file, member, "it is encrypted");
  const claimed = entry.uncompressedSize;
  if (size !== undefined && claimed !== size) {
    throw new PatinaError(
      "INTEGRITY",
      `${member} in ${file} has ${claimed} bytes where ${size} are expected`,
      {
        file,
        key: member,
        expected: `${size} bytes`,
        found: `${claimed} bytes`,
      },
    );
  }
  const limit = (await stat(file)).size * MAX_EXPANSION;
  if (claimed > limit) throw refusal(file, member, `it claims ${claimed} bytes, absurd for its archive`);
}

function refusal(file: string, member: string, reason: string, cause?: unknown): PatinaError {
  return new PatinaError("INTEGRITY", `${member} was not taken out of ${file}: ${reason}`, {
    file,
    key: member,
    cause,
  });
}
