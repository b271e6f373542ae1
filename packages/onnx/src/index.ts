/**
 * The embedding engine on ONNX Runtime.
 *
 * @packageDocumentation
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type EmbeddingEngine, type EngineOptions, PatinaError } from "@patina/core";
import { type ModelSpec, openNativeEngine } from "@patina/native";

/** What an ONNX engine is opened with. */
export interface OnnxEngineOptions extends EngineOptions {
  /** ONNX Runtime's shared library. Default: the one inside the `onnxruntime-node` package. */
  readonly libraryPath?: string;
}

const FILE_NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "libonnxruntime.1.dylib",
  linux: "libonnxruntime.so.1",
  win32: "onnxruntime.dll",
};

/** Loads a model on ONNX Runtime. */
export async function openOnnxEngine(
  spec: ModelSpec,
  options: OnnxEngineOptions = {},
): Promise<EmbeddingEngine> {
  if (spec.runtime !== "onnx") {
    throw new PatinaError(
      "RUNTIME_UNAVAILABLE",
      `variant ${spec.variant} of model ${spec.key} is for ${spec.runtime}, not for onnx`,
      { key: spec.key },
    );
  }
  const { libraryPath = onnxruntimeLibrary(), ...rest } = options;
  return openNativeEngine(spec, { ...rest, onnxLibrary: libraryPath });
}

/** Where the `onnxruntime-node` package has its shared library for this platform. */
export function onnxruntimeLibrary(): string {
  const name = FILE_NAMES[process.platform];
  const manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  const path = join(
    dirname(manifest),
    "bin/napi-v6",
    process.platform,
    process.arch,
    name ?? "libonnxruntime.so.1",
  );
  if (!existsSync(path)) {
    throw new PatinaError(
      "RUNTIME_UNAVAILABLE",
      `onnxruntime-node brings no library for ${process.platform}-${process.arch} (${path} is missing); ` +
        "give libraryPath",
      { file: path },
    );
  }
  return path;
}
