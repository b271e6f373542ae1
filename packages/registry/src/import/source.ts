import { posix } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Numerics } from "../model-entry.ts";
import type { RawFile } from "../schema-file.ts";

/** What is known of a file of weights. */
export interface WeightsFacts {
  /** `null` where the file was not opened, or where the registry has no word for it. */
  readonly numerics: Numerics | null;
  /** Files that it needs beside it, as paths of the source. */
  readonly dataFiles: readonly string[];
}

/** A folder of this machine, or a repository of the hub, that holds a model as sentence-transformers lays it out. */
export interface ImportSource {
  /** How messages name it. */
  readonly label: string;
  /** How the entry's description names it, which tells nothing of this machine. */
  readonly title: string;
  /** Its last part, which names the model where nobody does. */
  readonly name: string;
  /** Its files at the top and in `onnx/`, with `/`, sorted. */
  readonly paths: readonly string[];
  /** Whether it has such a file, at the top or below. */
  has(path: string): Promise<boolean>;
  /** A small file's text; `undefined` where there is none. */
  readText(path: string): Promise<string | undefined>;
  /** What an ONNX file or a safetensors file says of itself. */
  describeWeights(path: string): Promise<WeightsFacts>;
  /** The row of a file, with what is known of its bytes and where they come from. */
  row(role: RawFile["role"], path: string): Promise<RawFile>;
}

/** A JSON file of a source, checked as far as `schema` goes; `undefined` where there is none. */
export async function readJson<T>(
  source: ImportSource,
  path: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<T | undefined> {
  const text = await source.readText(path);
  if (text === undefined) return undefined;
  const where = `${path} of ${source.label}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatinaError("INVALID_INPUT", `${where} is no JSON: ${reason}`, { file: path, cause });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = v.getDotPath(issue) ?? "the file";
  throw new PatinaError("INVALID_INPUT", `${where}: ${key} is not what it should be: ${issue.message}`, {
    file: path,
    key,
  });
}

/** Text of a source's file; bytes that are no UTF-8 are an error, never replaced. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PatinaError("INVALID_INPUT", `${file} is not UTF-8 text`, { file, cause });
  }
}

/** What the ONNX file at `location` says of itself, the files beside it as paths of the source that has it as `path`. */
export async function lookIntoOnnx(location: string, path: string): Promise<WeightsFacts> {
  // Loaded here: whoever only lists models needs no native code.
  const { describeOnnx } = await import("@patina/native");
  const { numerics, dataFiles } = await describeOnnx(location);
  return { numerics, dataFiles: dataFiles.map((file) => posix.join(posix.dirname(path), file)) };
}
