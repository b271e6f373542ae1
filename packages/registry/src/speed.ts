import type { Runtime } from "@patina/core";
import type { Numerics } from "./model-entry.ts";

/** How fast numerics are on a machine, beside float32 on the same machine. */
export interface RelativeSpeed {
  /** 1 is float32's; 2 is twice as fast. */
  readonly ratio: number;
  /** Whether it was measured on such a processor. What was not is an assumption, and is called one. */
  readonly measured: boolean;
  /** What decided it, for people: `with avx512vnni`. */
  readonly because: string;
}

/** Instructions that multiply bytes and add up in 32 bits, without which quantised activations gain nothing. */
const BYTE_PRODUCTS = ["avx512vnni", "avxvnni", "i8mm", "dotprod"] as const;

/** What the processors had that the figures below come from. */
const MEASURED = "avx512vnni";

/**
 * The speed of numerics on a runtime and a processor. Only the order of these figures decides anything.
 *
 * Measured with all-MiniLM-L6-v2 over functions of 100 tokens in the mean, on two cores of a Xeon and of an EPYC, both
 * with AVX-512 and VNNI; of two figures the lower counts. int8-dynamic in exact mode (one text a run) 1.9 and 2.1, nbits
 * of 8 bits 1.2 and 1.5, of 4 bits 1.3, int8-weights 0.8 and 0.87, float16 0.9 (ONNX Runtime's CPU kernels compute in
 * float32 and cast). Not measured: any other processor, bfloat16, anything on MLX, where reading the weights is most of
 * the work, so that fewer bytes should be faster.
 */
export function relativeSpeed(
  numerics: Numerics,
  runtime: Runtime,
  cpuFeatures: readonly string[],
): RelativeSpeed {
  if (numerics === "float32") return { ratio: 1, measured: true, because: "by definition" };
  if (runtime === "mlx") return { ratio: MLX[numerics], measured: false, because: "on mlx" };
  const products = BYTE_PRODUCTS.find((feature) => cpuFeatures.includes(feature));
  const measured = products === MEASURED && numerics !== "bfloat16";
  const { fast, slow } = CPU[numerics];
  const because = products === undefined ? "without instructions for products of bytes" : `with ${products}`;
  return { ratio: products === undefined ? slow : fast, measured, because };
}

type Others = Exclude<Numerics, "float32">;

/** With and without instructions for products of bytes. */
const CPU: Readonly<Record<Others, { fast: number; slow: number }>> = {
  "int8-dynamic": { fast: 1.9, slow: 0.9 },
  nbits: { fast: 1.2, slow: 0.8 },
  "int8-weights": { fast: 0.8, slow: 0.8 },
  float16: { fast: 0.9, slow: 0.9 },
  bfloat16: { fast: 0.7, slow: 0.7 },
};

const MLX: Readonly<Record<Others, number>> = {
  nbits: 2,
  "int8-weights": 1.8,
  float16: 1.5,
  bfloat16: 1.5,
  "int8-dynamic": 1,
};
