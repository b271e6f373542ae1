import { PatinaError } from "@patina/core";
import ignore from "ignore";

/** Paths by globs. */
export interface PathGlobs {
  /** Whether some glob says what to take; else everything but the excluded is taken. */
  readonly includes: boolean;
  matches(path: string): boolean;
}

/**
 * Globs as in `.gitignore`, from the repository's root: `*.ts` at any depth, `src/` and all below it, `/src/*.ts`, `**`.
 * One that begins with `!` excludes, wherever it stands among the others; `./src`, as a shell completes it, is `/src`.
 *
 * @throws PatinaError `INVALID_INPUT` for an empty glob.
 */
export function pathGlobs(globs: readonly string[]): PathGlobs {
  const included = globs.filter((glob) => !glob.startsWith("!"));
  const excluded = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  if (globs.length === 0 || [...included, ...excluded].some((glob) => glob.trim() === "")) {
    throw new PatinaError("INVALID_INPUT", "a path filter needs a glob, such as src/ or *.ts", {
      key: "paths",
    });
  }
  const options = { ignorecase: false, allowRelativePaths: true };
  const rooted = (glob: string): string => glob.replace(/^\.\//, "/");
  const take = ignore(options).add(included.map(rooted));
  const leave = ignore(options).add(excluded.map(rooted));
  return {
    includes: included.length > 0,
    matches: (path) => (included.length === 0 || take.ignores(path)) && !leave.ignores(path),
  };
}
