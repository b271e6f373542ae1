import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder for models, locks and trust: `$PATINA_HOME`, or `~/.patina` when that is unset or empty. */
export function patinaHome(env: Environment, home?: string): string {
  return resolve(home ?? (env.PATINA_HOME || join(homedir(), ".patina")));
}

/** The overlay of the user. */
export function userOverlayFile(home: string): string {
  return join(home, "models.toml");
}

/** Where a project, whose folder is the one that holds `.patina`, keeps its overlay and its lock. */
export function projectFolder(projectDir: string): string {
  return join(projectDir, ".patina");
}

/** Where the optimised graphs of this home's models are kept. What lies there can be made again. */
export function graphCacheFolder(home: string): string {
  return join(home, "cache", "graphs");
}

/** The overlay of a project. */
export function projectOverlayFile(projectDir: string): string {
  return join(projectFolder(projectDir), "models.toml");
}

/**
 * The project in `folder`, absolute. A user's folder may be kept in git, which makes it a repository, but the `.patina`
 * in it is the home folder: read once more as a project's, its overlay would be refused or untrusted.
 */
export function projectIn(folder: string | undefined, home: string): string | undefined {
  if (folder === undefined) return undefined;
  const own = projectFolder(resolve(folder));
  const isHome = existsSync(own) && existsSync(home) && realpathSync(own) === realpathSync(home);
  return isHome ? undefined : resolve(folder);
}
