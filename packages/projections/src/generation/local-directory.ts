import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { fileError } from "./durable-files.ts";

/** Where the parts of a project's local state are. */
export interface LocalPaths {
  /** `.patina/local`: private to the owner, ignored by git. */
  readonly directory: string;
  /** The embedding cache. */
  readonly cache: string;
  /** One folder per generation. */
  readonly generations: string;
  /** Text file that names the generation which searches open. */
  readonly current: string;
  /** Database whose lock a run of `oxidize` holds. */
  readonly lock: string;
  /** Text file that says who holds the lock. */
  readonly lockOwner: string;
}

/** The paths below a project's root; nothing is created. */
export function localPaths(root: string): LocalPaths {
  const directory = join(root, ".patina", "local");
  return {
    directory,
    cache: join(directory, "cache.sqlite"),
    generations: join(directory, "generations"),
    current: join(directory, "current"),
    lock: join(directory, "lock.sqlite"),
    lockOwner: join(directory, "lock.owner"),
  };
}

/**
 * Creates `.patina/local` (mode 0700, with a `.gitignore` that covers all of it) where it is missing.
 *
 * A checkout may bring `.patina` or anything in it as a symbolic link, which would carry what is written there
 * to any file of the user: links are refused.
 */
export function prepareLocalDirectory(root: string): LocalPaths {
  const paths = localPaths(root);
  makeRealDirectory(join(root, ".patina"), 0o777);
  makeRealDirectory(paths.directory, 0o700);
  makeRealDirectory(paths.generations, 0o700);
  try {
    for (const directory of [paths.directory, paths.generations]) refuseLinks(directory);
    chmodSync(paths.directory, 0o700);
    const ignoreFile = join(paths.directory, ".gitignore");
    if (!existsSync(ignoreFile)) writeFileSync(ignoreFile, "*\n");
  } catch (error) {
    throw fileError(error, paths.directory, "prepare");
  }
  return paths;
}

function makeRealDirectory(directory: string, mode: number): void {
  try {
    const found = lstatSync(directory, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(directory, { mode });
    else if (found.isSymbolicLink()) throw linkError(directory);
    else if (!found.isDirectory()) {
      throw new PatinaError(
        "IO",
        `${directory} is a file: remove it, Patina keeps its index in a directory there`,
        {
          file: directory,
        },
      );
    }
  } catch (error) {
    throw fileError(error, directory, "create the directory");
  }
}

function refuseLinks(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) throw linkError(join(directory, entry.name));
  }
}

function linkError(path: string): PatinaError {
  return new PatinaError(
    "IO",
    `${path} is a symbolic link: remove it, Patina writes below it and follows no links`,
    {
      file: path,
    },
  );
}
