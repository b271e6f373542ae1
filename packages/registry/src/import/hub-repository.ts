import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { PatinaError } from "@patina/core";
import { ioError } from "../files.ts";
import type { HubClient, HubFile } from "../hub/index.ts";
import type { HubSource } from "../model-entry.ts";
import { decodeText, type ImportSource, lookIntoOnnx } from "./source.ts";

/** How a repository is read. */
export interface HubRepositoryOptions {
  /** A branch, a tag or a commit. */
  readonly revision: string;
  readonly signal: AbortSignal | undefined;
  /** Called with each file before it is fetched. */
  readonly onFile: ((path: string) => void) | undefined;
}

/**
 * Files up to this many bytes are fetched to be looked into. A graph whose weights lie in other files is far smaller; one
 * that holds its own is fetched by nobody before it is added.
 */
const MAX_FETCH = 32_000_000;

/** A model in a repository of the hub, at the commit that the revision stands for now: rows of its files name that. */
export async function hubRepository(
  client: HubClient,
  repo: string,
  { revision, signal, onFile }: HubRepositoryOptions,
): Promise<ImportSource> {
  onFile?.(`the list of ${repo}`);
  const { commit, files } = await client.resolve(repo, revision, { signal });
  const byPath = new Map(files.map((file) => [file.path, file]));
  const source = (path: string): HubSource => ({ kind: "hub", repo, revision: commit, path });
  const fetch = async (path: string): Promise<string> => {
    onFile?.(path);
    return (await client.fetch(source(path), { signal })).location;
  };
  const folders = ["", "onnx"];
  return {
    label: `hub:${repo}@${commit.slice(0, 12)}`,
    title: `${repo} on the hub`,
    name: repo.split("/").at(-1) ?? repo,
    paths: files
      .map(({ path }) => path)
      .filter((path) => folders.includes(folderOf(path)))
      .sort(),
    has: async (path) => byPath.has(path),
    readText: async (path) => {
      const file = byPath.get(path);
      if (file === undefined) return undefined;
      if (file.size > MAX_FETCH) throw tooLong(repo, file);
      const location = await fetch(path);
      const bytes = await readFile(location).catch((cause: unknown) => {
        throw ioError("read", location, cause);
      });
      return decodeText(bytes, `${path} of ${repo}`);
    },
    describeWeights: async (path) => {
      if (!path.endsWith(".onnx")) return { numerics: null, dataFiles: [] };
      if ((byPath.get(path)?.size ?? 0) <= MAX_FETCH) return lookIntoOnnx(await fetch(path), path);
      return { numerics: null, dataFiles: [...byPath.keys()].filter((file) => isDataOf(path, file)).sort() };
    },
    row: async (role, path) => {
      const file = byPath.get(path);
      return { role, path, ...(file === undefined ? {} : { size: file.size }), sources: [source(path)] };
    },
  };
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
}

/** What exporters call the files beside `model.onnx`: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`. */
function isDataOf(path: string, file: string): boolean {
  return file.startsWith(path) && /^[._]data(_\d+)?$/.test(file.slice(path.length));
}

function tooLong(repo: string, { path, size }: HubFile): PatinaError {
  const message = `${path} of ${repo} has ${size} bytes, which is no configuration`;
  return new PatinaError("INVALID_INPUT", message, { file: path });
}
