import type { Git } from "./git.ts";
import { nulFields } from "./records.ts";

/** What git's index says of a path. */
export interface TrackedFile {
  /** Relative to the directory git was opened in, with `/`. */
  readonly path: string;
  readonly kind: "file" | "symlink" | "submodule";
}

/** Longer than any path a system takes. */
const MAX_PATH_BYTES = 64 * 1024;

/** Paths handed to one `git check-attr`. */
const ATTRIBUTE_BATCH = 1000;

/**
 * Every path that git tracks below the directory, in git's order, each once. The list is held in memory (git
 * does as well): some 100 bytes a file.
 */
export async function trackedFiles(git: Git): Promise<TrackedFile[]> {
  const files: TrackedFile[] = [];
  const stream = git.stream(["ls-files", "-z", "--cached", "--stage"]);
  for await (const field of nulFields(stream, MAX_PATH_BYTES)) {
    // `mode object stage TAB path`; a path in conflict comes up to three times, one after another.
    const entry = field.bytes.toString("utf8");
    const tab = entry.indexOf("\t");
    const path = entry.slice(tab + 1);
    if (tab === -1 || files.at(-1)?.path === path) continue;
    const mode = entry.slice(0, 6);
    files.push({ path, kind: mode === "120000" ? "symlink" : mode === "160000" ? "submodule" : "file" });
  }
  return files;
}

/**
 * The files in groups, each with the set of those that `linguist-generated` marks in `.gitattributes`.
 * Groups, because git answers for a thousand paths in the time it needs to start.
 */
export async function* withGenerated(
  git: Git,
  files: readonly TrackedFile[],
): AsyncGenerator<{ files: readonly TrackedFile[]; generated: ReadonlySet<string> }, void> {
  for (let start = 0; start < files.length; start += ATTRIBUTE_BATCH) {
    const group = files.slice(start, start + ATTRIBUTE_BATCH);
    const input = group.map((file) => `${file.path}\0`).join("");
    const output = await git.text(["check-attr", "-z", "--stdin", "linguist-generated"], input);
    const generated = new Set<string>();
    const fields = output.split("\0");
    for (let at = 0; at + 2 < fields.length; at += 3) {
      const value = fields[at + 2];
      if (value === "set" || value === "true") generated.add(fields[at] ?? "");
    }
    yield { files: group, generated };
  }
}
