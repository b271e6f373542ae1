import { PatinaError } from "@patina/core";
import { Conversation } from "./conversation.ts";
import { MAX_FILE_BYTES, type ReadResult } from "./file-reader.ts";
import type { Git } from "./git.ts";
import { entriesOf, kindOf, type TrackedFile, type Tree } from "./tracked.ts";

/** The files of a commit, read from git's own store: no working tree is needed, and none is looked at. */
export class CommitTree implements Tree {
  readonly attributeSource: readonly string[];
  readonly #git: Git;
  readonly #commit: string;
  readonly #blobs: Conversation;
  readonly #files = new Map<string, TrackedFile & { readonly size: number }>();

  constructor(git: Git, commit: string) {
    this.#git = git;
    this.#commit = commit;
    this.attributeSource = [`--source=${commit}`];
    this.#blobs = new Conversation(git, ["cat-file", "--batch"], " missing");
  }

  async files(): Promise<readonly TrackedFile[]> {
    for await (const entry of entriesOf(this.#git, ["ls-tree", "-r", "-z", "-l", this.#commit])) {
      // `mode type object size TAB path`, the size padded with spaces; it is no number where git lacks the object.
      const tab = entry.indexOf("\t");
      const path = entry.slice(tab + 1);
      const [mode = "", , blob = "", size = ""] = entry.slice(0, tab).split(/ +/);
      this.#files.set(path, { path, kind: kindOf(mode), blob, sure: true, size: Number(size) });
    }
    return [...this.#files.values()];
  }

  async read(path: string, limit: number = MAX_FILE_BYTES): Promise<ReadResult> {
    const file = this.#files.get(path);
    if (file === undefined) return { kind: "skipped", reason: "missing" };
    if (file.kind !== "file") return { kind: "skipped", reason: file.kind };
    if (file.size > limit) return { kind: "skipped", reason: "oversized" };
    if (file.size === 0) return { kind: "skipped", reason: "empty" };
    const { bytes } = await this.#blobs.ask(file.blob);
    // `object type size LF content LF`, or that it is missing, as in a clone that left blobs with its origin.
    const head = bytes.indexOf("\n") + 1;
    if (bytes.length !== head + file.size + 1) return { kind: "unreadable", reason: "git does not have it" };
    return { kind: "read", bytes: bytes.subarray(head, head + file.size) };
  }

  end(): void {
    this.#blobs.end();
  }
}

/**
 * The full hash of the commit that `revision` names; null where HEAD, asked for by nobody, is yet to be born.
 *
 * @throws INVALID_INPUT where there is no such commit
 */
export async function resolveCommit(git: Git, revision: string): Promise<string> {
  // `cat-file` takes the name as data: one that begins with a dash is no option.
  const said = /[\n\0]/.test(revision)
    ? ""
    : await git.text(["cat-file", "--batch-check"], `${revision}^{commit}\n`);
  const hash = /^([0-9a-f]{40,64}) commit /.exec(said)?.[1];
  if (hash !== undefined) return hash;
  const message =
    `${JSON.stringify(revision)} names no commit in ${git.directory}; ` +
    "`git log --all` shows those that there are, `git fetch` brings those that are elsewhere";
  throw new PatinaError("INVALID_INPUT", message, { file: git.directory, key: "at", found: revision });
}
