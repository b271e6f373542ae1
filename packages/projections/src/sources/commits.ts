import { createHash } from "node:crypto";
import { Conversation } from "./conversation.ts";
import { decodeText } from "./decode.ts";
import { FileReader } from "./file-reader.ts";
import type { Git } from "./git.ts";
import { nulFields } from "./records.ts";

/** A person as a commit names one. */
export interface Person {
  readonly name: string;
  readonly mail: string;
}

/** One commit as git tells it. */
export interface Commit {
  readonly hash: string;
  readonly parents: number;
  /** By the names of `.mailmap`. */
  readonly author: Person;
  readonly committer: Person;
  /** Unix seconds, of the committer. */
  readonly time: number;
  readonly message: string;
  /** False when the message or a path was no UTF-8. */
  readonly valid: boolean;
  /** The first {@link MAX_TOUCHED} paths that the commit touched, those it moved by their new place. */
  readonly touched: readonly string[];
  readonly touchedCount: number;
  /** How many of those were moved without a change. */
  readonly renamedCount: number;
}

/** A message is a text that someone wrote; git itself takes any size. */
export const MAX_MESSAGE_BYTES: number = 256 * 1024;

/** Paths of one commit that are kept; the rest is counted. An import may touch a hundred thousand. */
export const MAX_TOUCHED = 200;

/** Fields before the touched paths. */
const HEAD = ["%H", "%P", "%aN", "%aE", "%cN", "%cE", "%ct", "%B"];

/** A commit that is there to be read. */
export interface ListedCommit {
  readonly hash: string;
  /** Whether its parents were left behind when the repository was cloned: it would seem to have made every file. */
  readonly cutOff: boolean;
}

/** The commits that `tip` can reach, newest first; in a folder, those that touched it. */
export async function listCommits(
  git: Git,
  tip: string,
  since: number | null,
): Promise<readonly ListedCommit[]> {
  const scope = await scopeOf(git);
  const options = since === null ? [] : [`--since=@${since}`];
  const said = await git.text(["rev-list", "--format=%H %P", ...options, tip, ...scope]);
  return said.split("\n").flatMap((line) => {
    const [hash = "", firstParent = ""] = line.split(" ");
    // Before each commit stands `commit HASH`, which git before 2.33 cannot be told to leave out.
    return hash === "" || hash === "commit" ? [] : { hash, cutOff: git.shallow && firstParent === "" };
  });
}

/** Reads commits, one at a time, in any order. Paths are relative to git's directory. */
export class CommitReader {
  readonly #trees: Conversation;

  constructor(git: Git) {
    // Moves without a change are found by the names of the contents alone, so that no content is compared.
    const options = ["--stdin", "-z", "-r", "--root", "--always", "--relative", "--name-status", "-M100%"];
    const plain = ["--no-ext-diff", "--no-textconv", "--no-notes", "--encoding=UTF-8"];
    const format = `--format=tformat:${HEAD.map((field) => `${field}%x00`).join("")}`;
    this.#trees = new Conversation(git, ["diff-tree", ...options, ...plain, format], "");
  }

  /** Reads a commit; null where its message or the list of its paths is larger than anything a person made. */
  async read({ hash, cutOff }: ListedCommit): Promise<Commit | null> {
    const { bytes, complete } = await this.#trees.ask(hash);
    const commit = complete ? await parseCommit(bytes) : null;
    return commit !== null && cutOff ? { ...commit, touched: [], touchedCount: 0, renamedCount: 0 } : commit;
  }

  end(): void {
    this.#trees.end();
  }
}

async function parseCommit(bytes: Buffer): Promise<Commit | null> {
  const fields = nulFields(only(bytes), MAX_MESSAGE_BYTES);
  const head: Buffer[] = [];
  for (let field = await fields.next(); !field.done; field = await fields.next()) {
    if (field.value.oversized) return null;
    head.push(field.value.bytes);
    if (head.length === HEAD.length) break;
  }
  const [hash, parents, authorName, authorMail, committerName, committerMail, time, message] =
    head.map(decodeText);
  const touched: string[] = [];
  let touchedCount = 0;
  let renamedCount = 0;
  let valid = message?.valid ?? true;
  for (let field = await fields.next(); !field.done; field = await fields.next()) {
    const status = field.value.bytes.toString("latin1").trim();
    if (status === "") continue;
    const renamed = status.startsWith("R");
    if (renamed) await fields.next();
    const path = await fields.next();
    touchedCount++;
    if (renamed) renamedCount++;
    if (path.done || touched.length >= MAX_TOUCHED) continue;
    const decoded = decodeText(path.value.bytes);
    touched.push(decoded.text);
    valid &&= decoded.valid;
  }
  return {
    hash: hash?.text ?? "",
    parents: (parents?.text ?? "").split(" ").filter((parent) => parent !== "").length,
    author: { name: authorName?.text ?? "", mail: authorMail?.text ?? "" },
    committer: { name: committerName?.text ?? "", mail: committerMail?.text ?? "" },
    time: Number.parseInt(time?.text ?? "", 10),
    message: message?.text ?? "",
    valid,
    touched,
    touchedCount,
    renamedCount,
  };
}

/** What stands in the `.mailmap` that git reads, as a digest: another one gives other authors. */
export async function mailmapDigest(git: Git): Promise<string> {
  if (git.bare) return (await git.text(["cat-file", "--batch-check"], "HEAD:.mailmap\n")).split(" ")[0] ?? "";
  const top = await git.text(["rev-parse", "--show-toplevel"]);
  const read = await (await FileReader.open(top.replace(/\n$/, ""))).read(".mailmap");
  return read.kind === "read" ? createHash("sha1").update(read.bytes).digest("hex") : read.reason;
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer, void> {
  yield bytes;
}

/** Nothing at the repository's root: a pathspec there would drop the commits that touch no file. */
async function scopeOf(git: Git): Promise<string[]> {
  const prefix = git.bare ? "" : await git.text(["rev-parse", "--show-prefix"]);
  return prefix.trim() === "" ? ["--"] : ["--", "."];
}
