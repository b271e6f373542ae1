/** MLX-quantised safetensors out of float ones, in the native core; no MLX is needed. */
import { throwIfAborted } from "@patina/core";
import { abortable } from "./abortable.ts";
import { checkCount } from "./check-count.ts";
import type { ModelSpec, WrittenFile } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** Options of {@link quantizeSafetensors}. */
export interface QuantizeSafetensorsOptions {
  /** Bits a weight. */
  readonly bits: 4 | 8;
  /** Weights of a row that share a scale and a bias: 32, 64 or 128. Default: what MLX's tools take. */
  readonly groupSize?: number;
  /** Aborting rejects with `ABORTED` and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Gets the share that is written, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What {@link quantizeSafetensors} did. */
export interface QuantizeSafetensorsReport {
  /** Linear layers and tables of vectors that are quantised now. */
  readonly layers: number;
  /** Weights of a row that share a scale and a bias. */
  readonly groupSize: number;
  /** Paths of those that are not, because no groups fill their columns. */
  readonly kept: readonly string[];
  /** The files that were written, in the folder as it was given: weights, their index, the configuration. */
  readonly files: readonly WrittenFile[];
}

/**
 * Writes weights and `config.json` of the model in `spec`, safetensors in float32, float16 or bfloat16, into `folder` with
 * linear layers and word embeddings quantised as MLX's own tools do it. Memory does not grow with the model.
 *
 * @throws PatinaError `INVALID_INPUT` naming the tensor where the model is quantised already, `INTEGRITY` naming the
 * tensor, `UNSUPPORTED` for an architecture that MLX has no graph of, `MODEL_MISSING`, `IO`, `ABORTED`.
 */
export async function quantizeSafetensors(
  spec: ModelSpec,
  folder: string,
  { bits, groupSize, signal, onProgress }: QuantizeSafetensorsOptions,
): Promise<QuantizeSafetensorsReport> {
  throwIfAborted(signal);
  checkCount("groupSize", groupSize);
  const outcome = await abortable(signal, (abort, guard) =>
    loadAddon().quantizeSafetensors(spec, folder, bits, groupSize, abort, onProgress && guard(onProgress)),
  );
  if (outcome.error) throw fromNative(outcome.error, signal);
  const { error: _, ...report } = outcome;
  return report;
}
