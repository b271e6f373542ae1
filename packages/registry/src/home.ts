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

/** The overlay of a project, whose folder is the one that holds `.patina`. */
export function projectOverlayFile(projectDir: string): string {
  return join(projectDir, ".patina", "models.toml");
}
