/** What the benchmark asks git: where to split a history, and the messages and paths of the commits after it. */

/** Where a history is split. */
export interface Split {
  /** The commit whose tree and ancestors are indexed. */
  readonly commit: string;
  /** Commits up to it, itself included. */
  readonly before: number;
  readonly all: number;
  /** The commit that the history ends with: a run takes long enough for another to be made. */
  readonly head: string;
}

/** A commit's message and the paths it changed. */
export interface LoggedCommit {
  readonly hash: string;
  readonly message: string;
  readonly paths: readonly string[];
}

/** The first commit on the first-parent line that has at least `share` of all commits behind it. */
export function splitAt(repository: string, share: number): Split {
  const ancestors = (commit: string) => Number(git(repository, ["rev-list", "--count", commit]));
  const head = git(repository, ["rev-parse", "HEAD"]).trim();
  const all = ancestors(head);
  const line = git(repository, ["rev-list", "--first-parent", "--reverse", head]).trim().split("\n");
  // Ancestors only grow along the line, so it can be searched by halves.
  let low = 0;
  let high = line.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ancestors(line[middle] ?? head) < all * share) low = middle + 1;
    else high = middle;
  }
  const commit = line[low] ?? head;
  return { commit, before: ancestors(commit), all, head };
}

/** Commits after the split, oldest first. A merge names no paths. */
export function commitsAfter(
  repository: string,
  { commit, head }: Pick<Split, "commit" | "head">,
): LoggedCommit[] {
  const options = ["-z", "--no-renames", "--name-only", "--topo-order", "--reverse", "--encoding=UTF-8"];
  const output = git(repository, [
    "log",
    ...options,
    "--format=tformat:%x01%H%x00%B%x00",
    `${commit}..${head}`,
  ]);
  return output
    .split("\u0001")
    .slice(1)
    .map((record) => {
      const [hash = "", message = "", ...fields] = record.split("\0");
      const paths = fields.map((field) => field.replace(/^\n/, "")).filter((field) => field !== "");
      return { hash, message, paths };
    });
}

function git(directory: string, parameters: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", "-C", directory, ...parameters]);
  if (exitCode !== 0)
    throw new Error(`git ${parameters[0]} failed in ${directory}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
