import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { fileError, replaceFile, syncDirectory } from "./durable-files.ts";
import type { LocalPaths } from "./local-directory.ts";
import { damaged } from "./manifest.ts";

/** A generation's name: when it was begun (UTC, to the millisecond, so names sort by time) and eight random digits. */
const GENERATION_ID = /^\d{8}T\d{9}Z-[0-9a-f]{8}$/;

/** Part of the name of everything that is not finished; a run removes what earlier ones left. */
const ASIDE = ".tmp-";

/** A new generation's name. */
export function newGenerationId(now: Date = new Date()): string {
  const time = now.toISOString().replaceAll(/[-:.]/g, "");
  return `${time}-${Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString("hex")}`;
}

/** Directory in which a generation is built before it gets its name. */
export function asideDirectory(paths: LocalPaths, id: string): string {
  return join(paths.generations, `${id}${ASIDE}${process.pid}`);
}

/** Directory of a finished generation. */
export function generationDirectory(paths: LocalPaths, id: string): string {
  return join(paths.generations, id);
}

/** Names of the finished generations, oldest first; none where nothing was ever indexed. */
export function generationNames(paths: LocalPaths): string[] {
  let names: string[];
  try {
    names = readdirSync(paths.generations);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw fileError(error, paths.generations, "read");
  }
  return names.filter((name) => GENERATION_ID.test(name)).sort();
}

/** Name of the generation that searches open; null before the first one. */
export function readCurrent(paths: LocalPaths): string | null {
  let text: string;
  try {
    text = readFileSync(paths.current, "utf8");
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw fileError(error, paths.current, "read");
  }
  const id = text.trim();
  if (!GENERATION_ID.test(id)) throw damaged(paths.current, "it names no generation");
  return id;
}

/** Gives a finished directory its name and makes it the current generation. */
export function publishGeneration(paths: LocalPaths, id: string): void {
  const directory = generationDirectory(paths, id);
  try {
    renameSync(asideDirectory(paths, id), directory);
    syncDirectory(paths.generations);
  } catch (error) {
    throw fileError(error, directory, "put in place");
  }
  makeCurrent(paths, id);
}

/** Makes a generation the one that searches open, by one rename. */
export function makeCurrent(paths: LocalPaths, id: string): void {
  try {
    replaceFile(paths.current, `${id}\n`);
  } catch (error) {
    throw fileError(error, paths.current, "replace");
  }
}

/** Removes a generation. */
export function removeGeneration(paths: LocalPaths, id: string): void {
  const directory = generationDirectory(paths, id);
  const aside = asideDirectory(paths, id);
  try {
    // Under its own name a generation is whole or not there, also when the removal is interrupted.
    renameSync(directory, aside);
    rmSync(aside, { recursive: true });
  } catch (error) {
    throw fileError(error, directory, "remove");
  }
}

/** Removes what an interrupted run left; only under the lock, where nobody else is building. */
export function removeLeftovers(paths: LocalPaths): void {
  for (const directory of [paths.directory, paths.generations]) {
    for (const name of readdirSync(directory)) {
      if (name.includes(ASIDE)) remove(join(directory, name));
    }
  }
}

/** Removes a directory that was built aside, if it is still there. */
export function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, path, "remove");
  }
}

/** The error for a project that has no generation. */
export function indexMissing(root: string): PatinaError {
  return new PatinaError(
    "INDEX_MISSING",
    `nothing is indexed in ${root}: run \`patina oxidize\` there first`,
    {
      file: root,
    },
  );
}
