import { readdir, realpath } from "node:fs/promises";
import { basename, isAbsolute, join, posix, relative, sep } from "node:path";
import { PatinaError } from "@patina/core";
import { digestFile, ioError, isSystemError, readIfThere } from "../files.ts";
import { fileState } from "../record.ts";
import { readSafetensors } from "./safetensors.ts";
import { decodeText, type ImportSource, lookIntoOnnx } from "./source.ts";

/** How a local folder is read. */
export interface LocalFolderOptions {
  /** For the overlay of the project in this folder: its sources are relative and stay below it. */
  readonly projectDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called with each file before it is read whole. */
  readonly onFile: ((path: string) => void) | undefined;
}

/** A model in a folder of this machine. Rows of its files have digests, computed here. */
export async function localFolder(folder: string, options: LocalFolderOptions): Promise<ImportSource> {
  const { projectDir, signal, onFile } = options;
  const root = await realpath(folder);
  const base = projectDir === undefined ? undefined : await realpath(projectDir);
  const name = basename(root);
  const paths = (await Promise.all(["", "onnx"].map((below) => list(root, below)))).flat().sort();
  return {
    label: folder,
    title: name,
    name,
    paths,
    has: async (path) => (await fileState(join(root, path))) !== undefined,
    readText: async (path) => {
      const bytes = await readIfThere(join(root, path));
      return bytes === undefined ? undefined : decodeText(bytes, join(root, path));
    },
    describeWeights: async (path) => {
      if (path.endsWith(".safetensors")) {
        return { numerics: await readSafetensors(join(root, path)), dataFiles: [] };
      }
      return lookIntoOnnx(join(root, path), path);
    },
    row: async (role, path) => {
      onFile?.(path);
      const file = join(root, path);
      const { size, sha256 } = await digestFile(file, signal).catch((cause: unknown) => {
        throw cause instanceof PatinaError ? cause : ioError("read", file, cause);
      });
      const source = { kind: "dir" as const, path: base === undefined ? file : below(base, file) };
      return { role, path, size, sha256, sources: [source] };
    },
  };
}

/** Files of one folder; links count as what they link to, for a hub's cache is made of them. */
async function list(root: string, below: string): Promise<string[]> {
  try {
    const items = await readdir(join(root, below), { withFileTypes: true });
    return items.filter((item) => !item.isDirectory()).map((item) => posix.join(below, item.name));
  } catch (cause) {
    if (below !== "" && isSystemError(cause, "ENOENT", "ENOTDIR")) return [];
    throw ioError("read", join(root, below), cause);
  }
}

function below(base: string, file: string): string {
  const path = relative(base, file);
  if (!isAbsolute(path) && path.split(sep)[0] !== "..") return path.split(sep).join("/");
  throw new PatinaError(
    "INVALID_INPUT",
    `${file} lies outside the project ${base}, and sources of a project's overlay stay below it; move the model ` +
      "into the project, or import it into your own overlay (--user)",
    { file },
  );
}
