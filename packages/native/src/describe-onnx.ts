/** What an ONNX file is, read from its bytes by the native core. */
import type { DescribeOutcome } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** What {@link describeOnnx} found. */
export interface OnnxDescription {
  /** What it stores and computes in; `null` for what the registry has no word for. */
  readonly numerics: NonNullable<DescribeOutcome["numerics"]> | null;
  /** Files that hold tensors of it: paths from its folder as it gives them, which may lead anywhere. */
  readonly dataFiles: readonly string[];
}

/**
 * Looks into the ONNX file at `path` and at nothing else; its weights are not read.
 *
 * @throws PatinaError `INTEGRITY` where it is no ONNX model, `MODEL_MISSING` where it cannot be opened.
 */
export async function describeOnnx(path: string): Promise<OnnxDescription> {
  const { error, numerics, dataFiles } = await loadAddon().describeOnnx(path);
  if (error) throw fromNative(error);
  return { numerics: numerics ?? null, dataFiles };
}
