/**
 * The embedding engine on Apple's MLX: on the GPU of Apple Silicon, on the CPU of Linux.
 *
 * @packageDocumentation
 */
import { type EmbeddingEngine, type EngineOptions, PatinaError } from "@patina/core";
import { addonInUse, type ModelSpec, openNativeEngine } from "@patina/native";

/** Whether the addon in use has the MLX engine, and if not, why and what would help. */
export interface MlxAvailability {
  readonly available: boolean;
  /** For people; empty where it is available. */
  readonly reason: string;
}

/** Looks at the addon in use, which is loaded for it. */
export function mlxAvailability(): MlxAvailability {
  const { build, passedOver } = addonInUse();
  if (build === "mlx") return { available: true, reason: "" };
  if (passedOver !== undefined) return { available: false, reason: passedOver };
  const platform = `${process.platform}-${process.arch}`;
  const reason = ["darwin-arm64", "linux-x64", "linux-arm64"].includes(platform)
    ? "the addon in use was built without MLX; in a checkout, `bun run build:addon --mlx` builds the one with it"
    : `MLX runs on Apple Silicon, and on the CPU of Linux, not on ${platform}; take a variant for onnx`;
  return { available: false, reason };
}

/**
 * Loads a model on MLX. Its spec names `config.json` and one or more safetensors files.
 *
 * `graphCache` has no part in it: MLX keeps no optimised graphs.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE` where this build has no MLX or the files are for another runtime;
 * `INTEGRITY` with the tensor or key where a file cannot be what it claims to be; `UNSUPPORTED` for an architecture or a
 * setting that would be computed wrongly.
 */
export async function openMlxEngine(spec: ModelSpec, options: EngineOptions = {}): Promise<EmbeddingEngine> {
  if (spec.runtime !== "mlx") {
    throw new PatinaError(
      "RUNTIME_UNAVAILABLE",
      `variant ${spec.variant} of model ${spec.key} is for ${spec.runtime}, not for mlx`,
      { key: spec.key },
    );
  }
  const { available, reason } = mlxAvailability();
  if (!available) {
    throw new PatinaError("RUNTIME_UNAVAILABLE", `model ${spec.key} cannot run on mlx: ${reason}`, {
      key: spec.key,
    });
  }
  return openNativeEngine(spec, options);
}
