/** What the benchmark asks git: commits, a split of the history, and the tree there in a folder of its own. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { LoggedCommit } from "./history.ts";

/** Where a history is split. */
export interface Split {
  /** The commit whose tree and ancestors are indexed. */
  readonly commit: string;
  /** Commits up to it, itself included. */
  readonly before: number;
  readonly all: number;
}

/** The commit on the first-parent line whose ancestors are nearest to `share` of all commits. */
export function splitAt(repository: string, share: number): Split {
  const all = Number(git(repository, ["rev-list", "--count", "HEAD"]));
  const line = git(repository, ["rev-list", "--first-parent", "--reverse", "HEAD"]).trim().split("\n");
  // Ancestors only grow along the line, so it can be searched by halves.
  const ancestors = (index: number) =>
    Number(git(repository, ["rev-list", "--count", line[index] as string]));
  let low = 0;
  let high = line.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ancestors(middle) < all * share) low = middle + 1;
    else high = middle;
  }
  return { commit: line[low] as string, before: ancestors(low), all };
}

/** Commits of `range`, oldest first. */
export function commitsOf(repository: string, range: string): LoggedCommit[] {
  const format = "--format=tformat:%x01%H%x00%P%x00%an <%ae> %cn <%ce>%x00%B%x00";
  const options = ["-z", "-M", "--name-status", "--topo-order", "--reverse", "--encoding=UTF-8"];
  const output = git(repository, ["log", ...options, format, range]);
  return output.split("\u0001").slice(1).map(parseCommit);
}

function parseCommit(record: string): LoggedCommit {
  const [hash = "", parents = "", people = "", message = "", ...fields] = record.split("\0");
  const changes: { status: string; path: string; from?: string }[] = [];
  const names = fields.map((field) => field.replace(/^\n/, "")).filter((field) => field !== "");
  for (let at = 0; at < names.length; ) {
    const status = names[at++] as string;
    const path = names[at++] as string;
    if (/^[RC]/.test(status)) changes.push({ status, from: path, path: names[at++] as string });
    else changes.push({ status, path });
  }
  return { hash, parents: parents === "" ? 0 : parents.split(" ").length, people, message, changes };
}

/** A clone whose HEAD and working tree are `commit`: nothing later can be reached from it. */
export function cloneAt(repository: string, commit: string, folder: string): void {
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    git(dirname(folder), ["clone", "--quiet", "--no-checkout", repository, folder]);
  }
  git(folder, ["checkout", "--quiet", "--force", "--detach", commit]);
}

function git(directory: string, parameters: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", "-C", directory, ...parameters]);
  if (exitCode !== 0) throw new Error(`git ${parameters[0]} failed in ${directory}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
