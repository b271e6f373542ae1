import { FileReader, type ReadResult } from "./file-reader.ts";
import type { Git } from "./git.ts";
import { entriesOf, kindOf, type TrackedFile, type Tree } from "./tracked.ts";

/** What git tracks, as it is on the disk now: what the developer sees. */
export class WorkingTree implements Tree {
  readonly attributeSource: readonly string[] = [];
  readonly #git: Git;
  readonly #reader: FileReader;

  private constructor(git: Git, reader: FileReader) {
    this.#git = git;
    this.#reader = reader;
  }

  static async open(git: Git): Promise<WorkingTree> {
    return new WorkingTree(git, await FileReader.open(git.directory));
  }

  async files(): Promise<readonly TrackedFile[]> {
    const changed = await this.#changed();
    const files: TrackedFile[] = [];
    for await (const entry of entriesOf(this.#git, ["ls-files", "-z", "--cached", "--stage", "-v"])) {
      // `tag mode object stage TAB path`; a path in conflict comes up to three times, one after another.
      const tab = entry.indexOf("\t");
      const path = entry.slice(tab + 1);
      if (tab === -1 || files.at(-1)?.path === path) continue;
      const [tag = "", mode = "", blob = "", stage = ""] = entry.slice(0, tab).split(" ");
      // Other tags than H: git was told to believe that the file does not change, or that it is not there.
      const sure = tag === "H" && stage === "0" && !changed.has(path);
      files.push({ path, kind: kindOf(mode), blob, sure });
    }
    return files;
  }

  read(path: string, limit?: number): Promise<ReadResult> {
    return this.#reader.read(path, limit);
  }

  end(): void {}

  /**
   * What may differ from git's index. Git knows by size and times of a file and, where the file is as young as the index
   * itself, by its content; it does not look at the content of others that only have another time.
   */
  async #changed(): Promise<ReadonlySet<string>> {
    const git = await this.#git.withoutFilters();
    const changed = new Set<string>();
    for await (const path of entriesOf(git, ["diff-files", "-z", "--name-only", "--relative"]))
      changed.add(path);
    return changed;
  }
}
