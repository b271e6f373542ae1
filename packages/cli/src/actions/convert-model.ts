import { PatinaError } from "@patina/core";
import type { ConvertReport } from "@patina/registry";
import { type FormName, formOf, type Written } from "../convert/forms.ts";
import { type Measured, measure } from "../convert/measure.ts";
import { Interrupt } from "../interrupt.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** Options of `patina model convert`. */
export interface ConvertModelOptions extends JsonOptions {
  readonly to: FormName;
  readonly as: string;
  readonly variant?: string;
  readonly range?: "auto" | "full" | "reduced";
  readonly groupSize?: number;
  readonly force?: boolean;
}

const RANGES = { auto: undefined, full: false, reduced: true } as const;

/** `patina model convert`: a smaller model out of a float one, and how near it is to what it was made of. */
export async function convertModel(key: string, options: ConvertModelOptions): Promise<void> {
  const { to, range, groupSize } = options;
  if (range !== undefined && to !== "onnx-int8") throw foreign("--range", to, "onnx-int8");
  if (groupSize !== undefined && to === "onnx-int8") throw foreign("--group-size", to, "mlx-4 and mlx-8");
  const form = formOf(to, { reduceRange: RANGES[range ?? "auto"], groupSize });
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const { signal } = interrupt;
  const registry = await openProjectRegistry();
  let written: Written | undefined;
  let measured: Measured = { quality: null, batched: null, unmeasured: null };
  const report = await registry
    .convert(key, {
      name: options.as,
      to: form.to,
      variant: options.variant,
      force: options.force ?? false,
      signal,
      quantize: async (source, folder, weights) => {
        const onProgress = (share: number): void =>
          line.update("quantising", `quantising ${visibleLine(key)}: ${Math.floor(share * 100)} %`, share);
        line.update("reading", `reading the weights of ${visibleLine(key)}`);
        written = await form.write({ source, folder, weights, signal, onProgress });
        return written.files;
      },
      measure: async (source, converted) => {
        line.update("measuring", "measuring how near the vectors are to those of the source");
        measured = await measure(source, converted, form.batchesMatter, signal);
        return measured.quality;
      },
    })
    .finally(() => line.end());
  const result = { ...report, ...written?.facts, ...measured };
  const lines = written?.lines(report.source) ?? [];
  // An automatic choice takes MLX on Apple Silicon only.
  const use = `--model ${report.key}${form.to.runtime === "mlx" ? " --runtime mlx" : ""}`;
  await print(options.json ? `${safeJson(result, 2)}\n` : convertText(report, lines, measured, use));
}

function foreign(option: string, to: FormName, of: string): PatinaError {
  return new PatinaError("INVALID_INPUT", `${option} belongs to ${of}; leave it out with --to ${to}`, {
    key: option,
  });
}

function convertText(
  { key, files, size, quality, source, overlay }: ConvertReport,
  written: readonly string[],
  { batched, unmeasured }: Measured,
  use: string,
): string {
  const lines = [
    ...files.map((file) => `${file.path}: ${bytes(file.size)}\n  sha256 ${file.sha256}`),
    ...written,
    `${bytes(size)} in all`,
    quality === null
      ? `its nearness to ${source} was not measured: ${unmeasured}`
      : `cosine to ${source} over ${quality.texts} texts: lowest ${quality.cosineMin}, mean ${quality.cosineMean}`,
    ...(batched === null
      ? []
      : [`in batches, against one text a run: lowest ${batched.cosineMin}, mean ${batched.cosineMean}`]),
    `${key} is in ${overlay}; use it with \`${use}\``,
  ];
  return `${lines
    .flatMap((text) => text.split("\n"))
    .map(visibleLine)
    .join("\n")}\n`;
}
