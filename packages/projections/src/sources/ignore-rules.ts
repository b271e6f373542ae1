import { PatinaError } from "@patina/core";
import ignore, { type Ignore } from "ignore";
import { decodeText } from "./decode.ts";
import type { Tree } from "./tracked.ts";

/** Names what is not to be indexed, in `.gitignore`'s syntax, for its folder and those below. */
export const IGNORE_FILE = ".patinaignore";

/** The `.patinaignore` files of a repository. */
export class IgnoreRules {
  /** Deepest first, with the folder (`""` or ending in `/`). */
  readonly #rules: { readonly folder: string; readonly rules: Ignore }[] = [];

  /**
   * Reads the file at the root (in a working tree, tracked or not) and those that git tracks below it.
   *
   * @throws IO when one of them cannot be read: going on would index what its author wanted left out.
   */
  static async read(
    tree: Pick<Tree, "read">,
    tracked: readonly { readonly path: string }[],
  ): Promise<IgnoreRules> {
    const paths = new Set([IGNORE_FILE]);
    for (const { path } of tracked) if (path.endsWith(`/${IGNORE_FILE}`)) paths.add(path);
    const result = new IgnoreRules();
    for (const path of paths) {
      const read = await tree.read(path);
      if (read.kind === "skipped" && (read.reason === "missing" || read.reason === "empty")) continue;
      if (read.kind !== "read") {
        const message = `${path} cannot be read as ignore rules (${read.reason}); make it a plain, readable file`;
        throw new PatinaError("IO", message, { file: path });
      }
      const rules = ignore({ ignorecase: false, allowRelativePaths: true }).add(decodeText(read.bytes).text);
      result.#rules.push({ folder: path.slice(0, -IGNORE_FILE.length), rules });
    }
    result.#rules.sort((a, b) => b.folder.length - a.folder.length);
    return result;
  }

  /** Whether the rules leave this path out; as in git, the deepest file that says something decides. */
  ignores(path: string): boolean {
    for (const { folder, rules } of this.#rules) {
      if (!path.startsWith(folder)) continue;
      const verdict = rules.test(path.slice(folder.length));
      if (verdict.ignored) return true;
      if (verdict.unignored) return false;
    }
    return false;
  }
}
