import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** A file of a repository on the fake hub. */
export interface FakeFile {
  readonly path: string;
  readonly size: number;
  /** Git's name of the bytes, or of the pointer that git holds in their place. */
  readonly oid: string;
  /** For files in large-file storage. */
  readonly sha256: string | undefined;
  /** Its bytes from `start` on. */
  readonly read: (start: number) => AsyncIterable<Uint8Array>;
}

/** What a test gives as a file's contents: bytes, or a file on disk that is too large to hold. */
export type Contents =
  | string
  | Uint8Array
  | { readonly file: string; readonly size: number; readonly sha256: string };

/** How a repository answers. */
export interface RepositoryOptions {
  /** Files in large-file storage. */
  readonly lfs?: readonly string[];
  /** Asks for a token and for terms to be accepted. */
  readonly gated?: boolean;
}

/** A repository: its commits by name, and what its branches and tags stand for. */
export interface FakeRepository {
  readonly commits: Map<string, FakeFile[]>;
  readonly refs: Map<string, string>;
  gated: boolean;
}

const CHUNK = 256 << 10;

export function fakeFile(path: string, contents: Contents, large: boolean): FakeFile {
  if (typeof contents === "object" && "file" in contents) {
    const { file, size, sha256 } = contents;
    const read = (start: number) => createReadStream(file, { start, highWaterMark: CHUNK });
    return { path, size, sha256, oid: gitBlob(Buffer.from(pointer(sha256, size))), read };
  }
  const bytes = Buffer.from(contents);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const read = async function* (start: number) {
    for (let at = start; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
  };
  return {
    path,
    size: bytes.length,
    oid: gitBlob(large ? Buffer.from(pointer(sha256, bytes.length)) : bytes),
    sha256: large ? sha256 : undefined,
    read,
  };
}

/** The name of a commit with these files. */
export function commitName(repo: string, files: readonly FakeFile[]): string {
  const rows = files.map(({ path, oid }) => `${path} ${oid}`).join("\n");
  return createHash("sha1").update(`${repo}\n${rows}`).digest("hex");
}

function gitBlob(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function pointer(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}
