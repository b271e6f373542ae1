/** Dynamic int8 out of a float32 ONNX file, in the native core. */
import { throwIfAborted } from "@patina/core";
import { abortable } from "./abortable.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** Options of {@link quantizeOnnx}. */
export interface QuantizeOptions {
  /** Weights within ±64 in place of ±127, for x86 processors without VNNI. Default: what this processor needs. */
  readonly reduceRange?: boolean;
  /** Aborting rejects with `ABORTED` and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Gets the share that is written, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What {@link quantizeOnnx} did. */
export interface QuantizeReport {
  /** Linear layers that compute in int8 now. */
  readonly layers: number;
  /** Whether weights are within ±64. */
  readonly reduceRange: boolean;
  /** The files that were written, absolute as `target` was: the graph and, for a large model, its data file. */
  readonly files: readonly string[];
}

/**
 * Writes the float32 model in `source` to `target` with its linear layers in int8: one scale per output channel of a
 * weight, one per run for activations. Memory does not grow with the model.
 *
 * @throws PatinaError `INVALID_INPUT` where the model is quantised already or has nothing to quantise, `INTEGRITY`
 * naming the tensor, `MODEL_MISSING`, `IO`, `ABORTED`.
 */
export async function quantizeOnnx(
  source: string,
  target: string,
  { reduceRange, signal, onProgress }: QuantizeOptions = {},
): Promise<QuantizeReport> {
  throwIfAborted(signal);
  const outcome = await abortable(signal, (abort, guard) =>
    loadAddon().quantizeOnnx(source, target, reduceRange, abort, onProgress && guard(onProgress)),
  );
  if (outcome.error) throw fromNative(outcome.error, signal);
  const { layers, files, reduceRange: reduced } = outcome;
  return { layers, files, reduceRange: reduced };
}
