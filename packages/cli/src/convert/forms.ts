import { basename, dirname, join, posix } from "node:path";
import { type ModelSpec, quantizeOnnx, quantizeSafetensors } from "@patina/engine";
import type { ConversionTarget, ConvertedFile } from "@patina/registry";

/** What `--to` may name. */
export type FormName = "onnx-int8" | "mlx-4" | "mlx-8";

/** What a form is made with. */
export interface FormOptions {
  /** Of `onnx-int8`: weights within ±64. Absent: the processor decides. */
  readonly reduceRange?: boolean | undefined;
  /** Of the forms for MLX: weights that share a scale and a bias. Absent: as MLX's tools have it. */
  readonly groupSize?: number | undefined;
}

/** What was written in a form. */
export interface Written {
  readonly files: readonly ConvertedFile[];
  /** What a program may want to know of it. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The same for people, `source` being the name of the variant that it was made of. */
  readonly lines: (source: string) => readonly string[];
}

/** Where a form is written, and who is told of it. */
export interface Work {
  readonly source: ModelSpec;
  readonly folder: string;
  /** The path of the weights below it where they are one file. */
  readonly weights: string;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
}

/** A form that weights are converted to. */
export interface Form {
  readonly to: ConversionTarget;
  /** Whether activations are quantised at each run, so that batches move a vector. */
  readonly batchesMatter: boolean;
  readonly write: (work: Work) => Promise<Written>;
}

/** The form of this name. */
export function formOf(name: FormName, options: FormOptions): Form {
  return name === "onnx-int8" ? onnxInt8(options) : mlx(name === "mlx-4" ? 4 : 8, options);
}

function onnxInt8({ reduceRange }: FormOptions): Form {
  return {
    to: {
      ...{ variant: "int8", runtime: "onnx", numerics: "int8-dynamic", what: "dynamic int8" },
      from: ["float32"],
    },
    batchesMatter: true,
    write: async ({ source, folder, weights, ...rest }) => {
      const file = source.files.find(({ role }) => role === "weights")?.path ?? "";
      const range = reduceRange === undefined ? {} : { reduceRange };
      const { files, ...facts } = await quantizeOnnx(file, join(folder, weights), { ...range, ...rest });
      const bounds = facts.reduceRange ? "within ±64, for processors without VNNI" : "within ±127";
      return {
        files: files.map((path, index) => ({
          role: index === 0 ? "weights" : "external-data",
          path: posix.join(dirname(weights), basename(path)),
        })),
        facts,
        lines: (from) => [`${facts.layers} layers of ${from} are in int8, weights ${bounds}`],
      };
    },
  };
}

function mlx(bits: 4 | 8, options: FormOptions): Form {
  return {
    to: {
      ...{ variant: `q${bits}`, runtime: "mlx", numerics: "nbits", what: `${bits} bits for MLX` },
      from: ["float32", "bfloat16", "float16"],
    },
    batchesMatter: false,
    write: async ({ source, folder, weights: _, ...rest }) => {
      const asked = options.groupSize === undefined ? {} : { groupSize: options.groupSize };
      const { files, ...facts } = await quantizeSafetensors(source, folder, { bits, ...asked, ...rest });
      const { layers, groupSize, kept } = facts;
      const left = kept.map((path) => `${path} stays as it is: groups of ${groupSize} do not fill its rows`);
      return {
        files: files.map(({ role, path }) => ({ role, path: basename(path) })),
        facts: { bits, ...facts },
        lines: (from) => [`${layers} layers of ${from} are in ${bits} bits, groups of ${groupSize}`, ...left],
      };
    },
  };
}
