import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Where a project keeps what the tool reads and writes. */
export const PROJECT_FOLDER = ".patina";

/** The user's own folder: it may be called `.patina` as well, and is no project. */
export function patinaHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.PATINA_HOME || join(homedir(), PROJECT_FOLDER);
}

/**
 * The root of the project that holds `start`: the nearest folder upwards with a `.git` or a `.patina` in it. Found
 * without asking git, which costs more than all else at the start of a command; what needs a repository asks.
 */
export function findProject(
  start: string = process.cwd(),
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const home = patinaHome(env);
  for (let folder = realpathSync(start); ; folder = dirname(folder)) {
    const own = join(folder, PROJECT_FOLDER);
    if (existsSync(join(folder, ".git")) || (existsSync(own) && own !== home)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The recipe of a project. */
export function recipePath(root: string): string {
  return join(root, PROJECT_FOLDER, "oxidize.yaml");
}
