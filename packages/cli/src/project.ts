import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { PatinaError } from "@patina/core";
import { patinaHome } from "@patina/registry";

/** Where a project keeps what the tool reads and writes. */
const PROJECT_FOLDER = ".patina";

/** The model the command takes where nothing says otherwise: a small download, good for a first look. */
export const DEFAULT_MODEL = "all-minilm-l6-v2";

/**
 * The root of the project that holds `start`: of its git repository, else the nearest folder upwards with a
 * `.patina`. Found without asking git, which costs more than all else at the start of a command; git itself has
 * its say when the repository is read.
 */
export function findProject(
  start: string = process.cwd(),
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const folders = upwards(realpathSync(start));
  // The user's own folder may be called `.patina` as well, and is no project.
  const home = realPathOf(patinaHome(env));
  return (
    folders.find((folder) => existsSync(join(folder, ".git")) || isBareRepository(folder)) ??
    folders.find(
      (folder) =>
        existsSync(join(folder, PROJECT_FOLDER)) && realPathOf(join(folder, PROJECT_FOLDER)) !== home,
    )
  );
}

/** As {@link findProject}, for what cannot do without one. @throws PatinaError `NOT_A_REPOSITORY`. */
export function needProject(): string {
  const found = findProject();
  if (found !== undefined) return found;
  const here = process.cwd();
  const message = `${here} is in no git repository; go into one, name it with -C, or make one with \`git init\``;
  throw new PatinaError("NOT_A_REPOSITORY", message, { file: here });
}

/** The recipe of a project. */
export function recipePath(root: string): string {
  return join(root, PROJECT_FOLDER, "oxidize.yaml");
}

/** Whether a folder is what `git clone --bare` makes, by the three things that git itself looks for; `.git` belongs to a checkout. */
export function isBareRepository(folder: string): boolean {
  return (
    basename(folder) !== ".git" &&
    existsSync(join(folder, "HEAD")) &&
    ["objects", "refs"].every((name) =>
      statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
    )
  );
}

/** Home folders are often reached through a link, and variables name folders in many ways. */
function realPathOf(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : resolve(folder);
}

function upwards(start: string): string[] {
  const folders = [start];
  for (let folder = start; folder !== dirname(folder); ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}
