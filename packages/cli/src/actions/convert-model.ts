import { quantizeOnnx } from "@patina/engine";
import type { ConvertReport } from "@patina/registry";
import { type Fidelity, measureFidelity } from "../convert/fidelity.ts";
import { Interrupt } from "../interrupt.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** Options of `patina model convert`. */
export interface ConvertModelOptions extends JsonOptions {
  readonly to: "onnx-int8";
  readonly as: string;
  readonly variant?: string;
  readonly range: "auto" | "full" | "reduced";
  readonly force?: boolean;
}

const RANGES = { auto: undefined, full: false, reduced: true } as const;

/** `patina model convert`: int8 out of float32 as a model of its own, and how near it is to what it was made of. */
export async function convertModel(key: string, options: ConvertModelOptions): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const { signal } = interrupt;
  const registry = await openProjectRegistry();
  const reduceRange = RANGES[options.range];
  let made = { layers: 0, reduceRange: false };
  let fidelity: Fidelity | undefined;
  const report = await registry
    .convert(key, {
      name: options.as,
      variant: options.variant,
      force: options.force ?? false,
      signal,
      quantize: async (source, target) => {
        const weights = source.files.find(({ role }) => role === "weights")?.path ?? "";
        const onProgress = (share: number): void =>
          line.update("quantising", `quantising ${visibleLine(key)}: ${Math.floor(share * 100)} %`, share);
        line.update("reading", `reading the weights of ${visibleLine(key)}`);
        const range = reduceRange === undefined ? {} : { reduceRange };
        const { files, ...rest } = await quantizeOnnx(weights, target, { ...range, signal, onProgress });
        made = rest;
        return files;
      },
      measure: async (source, converted) => {
        line.update("measuring", "measuring how near the vectors are to float32");
        fidelity = await measureFidelity(source, converted, signal);
        const { batched: _, ...quality } = fidelity;
        return quality;
      },
    })
    .finally(() => line.end());
  const result = { ...report, ...made, batched: fidelity?.batched ?? null };
  await print(options.json ? `${safeJson(result, 2)}\n` : convertText(result));
}

function convertText({
  key,
  source,
  files,
  size,
  quality,
  layers,
  reduceRange,
  batched,
  overlay,
}: ConvertReport & { layers: number; reduceRange: boolean; batched: Fidelity["batched"] | null }): string {
  const range = reduceRange ? "within ±64, for processors without VNNI" : "within ±127";
  const lines = [
    ...files.map((file) => `${file.path}: ${bytes(file.size)}\n  sha256 ${file.sha256}`),
    `${layers} layers of ${source} are in int8, weights ${range}; ${bytes(size)} in all`,
    `cosine to float32 over ${quality.texts} texts: lowest ${quality.cosineMin}, mean ${quality.cosineMean}`,
    ...(batched === null
      ? []
      : [`in batches, against one text a run: lowest ${batched.cosineMin}, mean ${batched.cosineMean}`]),
    `${key} is in ${overlay}; use it with \`--model ${key}\``,
  ];
  return `${lines
    .flatMap((text) => text.split("\n"))
    .map(visibleLine)
    .join("\n")}\n`;
}
