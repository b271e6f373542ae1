import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { PatinaError } from "@patina/core";
import { ioError, isSystemError, writeStream } from "../files.ts";
import type { DirSource, ModelEntry } from "../model-entry.ts";
import { type FetchedFile, type FetchRequest, lockedName } from "./source.ts";

/** Copies a file of this machine into the store, so that a later change to it cannot change a model in use. */
export async function fetchFromDir(source: DirSource, request: FetchRequest): Promise<FetchedFile> {
  const file = await locateDir(source, request.entry, request.projectDir);
  const state = await stat(file);
  if (!state.isFile()) {
    throw new PatinaError("IO", `${file} is no regular file; a dir source names one file`, { file });
  }
  const digest = await writeStream(
    () => createReadStream(file),
    request.target,
    request.signal,
    (bytes) => request.onBytes(bytes, state.size),
  );
  return { ...digest, source: lockedName(source), revision: null, location: request.target };
}

/** Where a file is that a source of this machine names, links followed. */
export async function locateDir(
  source: DirSource,
  entry: ModelEntry,
  projectDir: string | undefined,
): Promise<string> {
  const fromProject = entry.origin === "project" && projectDir !== undefined;
  const named = fromProject ? join(projectDir, source.path) : source.path;
  let file: string;
  try {
    file = await realpath(named);
  } catch (cause) {
    if (isSystemError(cause, "ENOENT", "ENOTDIR")) {
      throw new PatinaError("IO", `${named} does not exist`, { file: named, cause });
    }
    throw ioError("read", named, cause);
  }
  // After symbolic links: the links of a repository may point anywhere.
  if (fromProject && !file.startsWith((await realpath(projectDir)) + sep)) {
    throw new PatinaError(
      "INVALID_INPUT",
      `${named} leads out of the project, to ${file}; a project's dir sources stay below it. ` +
        "Use an overlay of your own (models.toml in the home folder of patina) for files elsewhere",
      { file: named, found: file },
    );
  }
  return file;
}
