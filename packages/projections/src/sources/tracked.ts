import type { MAX_FILE_BYTES, ReadResult } from "./file-reader.ts";
import type { Git } from "./git.ts";
import { nulFields } from "./records.ts";

/** A path that git tracks. */
export interface TrackedFile {
  /** Relative to the directory git was opened in, with `/`. */
  readonly path: string;
  readonly kind: "file" | "symlink" | "submodule";
  /** Git's name for what is committed or staged there. */
  readonly blob: string;
  /** Whether `blob` is what reading the file gives, as far as can be said without reading it. */
  readonly sure: boolean;
}

/** Where files are read from: the working tree or the tree of a commit. */
export interface Tree {
  /** Every path that git tracks below the directory, in git's order, each once: some 100 bytes a file in memory. */
  files(): Promise<readonly TrackedFile[]>;
  /**
   * Reads a path, also one that is not tracked if the tree is a working tree.
   *
   * @param limit bytes from which a file is left unread; default {@link MAX_FILE_BYTES}
   */
  read(path: string, limit?: number): Promise<ReadResult>;
  /** Options by which `git check-attr` reads this tree's `.gitattributes`. */
  readonly attributeSource: readonly string[];
  /** Lets go of what reading needed. */
  end(): void;
}

/** Longer than any path a system takes. */
export const MAX_PATH_BYTES: number = 64 * 1024;

/** Paths handed to one `git check-attr`. */
const ATTRIBUTE_BATCH = 1000;

/** Attributes by which a checkout may write other bytes than were committed. */
const CONVERTING = ["filter", "ident", "working-tree-encoding"];

/** What kind of thing a mode of git's stands for. */
export function kindOf(mode: string): TrackedFile["kind"] {
  return mode === "120000" ? "symlink" : mode === "160000" ? "submodule" : "file";
}

/** A tracked file and what `.gitattributes` says of it. */
export interface AttributedFile {
  readonly file: TrackedFile;
  /** Whether `linguist-generated` is set: a program wrote it. */
  readonly generated: boolean;
  /** Whether a checkout may have written other bytes than were committed. */
  readonly converted: boolean;
}

/** Asks for the attributes of a thousand files at a time: git answers for them in the time it needs to start. */
export async function* withAttributes(
  git: Git,
  tree: Pick<Tree, "attributeSource">,
  files: readonly TrackedFile[],
): AsyncGenerator<AttributedFile, void> {
  const command = [
    "check-attr",
    ...tree.attributeSource,
    "-z",
    "--stdin",
    "linguist-generated",
    ...CONVERTING,
  ];
  for (let start = 0; start < files.length; start += ATTRIBUTE_BATCH) {
    const group = files.slice(start, start + ATTRIBUTE_BATCH);
    const fields = (await git.text(command, group.map((file) => `${file.path}\0`).join(""))).split("\0");
    const generated = new Set<string>();
    const converted = new Set<string>();
    for (let at = 0; at + 2 < fields.length; at += 3) {
      const [path = "", attribute = "", value = ""] = fields.slice(at, at + 3);
      if (attribute !== "linguist-generated") {
        if (value !== "unspecified" && value !== "unset") converted.add(path);
      } else if (value === "set" || value === "true") generated.add(path);
    }
    for (const file of group) {
      yield { file, generated: generated.has(file.path), converted: converted.has(file.path) };
    }
  }
}

/** The NUL-separated lines of a command, as text. */
export async function* entriesOf(git: Git, parameters: readonly string[]): AsyncGenerator<string, void> {
  for await (const field of nulFields(git.stream(parameters), MAX_PATH_BYTES)) {
    yield field.bytes.toString("utf8");
  }
}
