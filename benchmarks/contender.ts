/** What the programs under measurement share: the work they are given, the clock, what they hand back. */
import { readFileSync, writeFileSync } from "node:fs";
import { machineTime, shareOfOthers } from "./others.ts";

/** The same work for every contender, as a JSON file whose path is the program's only argument. */
export interface Work {
  readonly variant: Variant;
  /** The folder that holds {@link MODEL}. */
  readonly modelsFolder: string;
  /** The folder whose `node_modules` has the peers. */
  readonly peersFolder: string;
  readonly texts: readonly string[];
  /** The first of the texts, run before the clock starts: code paths compiled, memory taken, caches warm. */
  readonly warmUp: number;
  readonly maxTokens: number;
  /** Where the vectors go, row-major float32. */
  readonly vectorsFile: string;
}

/** Which weights: as transformers.js calls them, file names included. */
export type Variant = "fp32" | "q8";

/** The file of each variant inside the model's folder, by transformers.js' convention. */
export const WEIGHTS: Readonly<Record<Variant, string>> = {
  fp32: "onnx/model.onnx",
  q8: "onnx/model_quantized.onnx",
};

/** The model's folder name, which is its name for transformers.js. */
export const MODEL = "all-minilm-l6-v2";

/** One measured pass over all texts. */
export interface Measurement {
  readonly seconds: number;
  /** Processor time over all threads; more than `seconds` where several compute, or wait by spinning. */
  readonly cpuSeconds: number;
  /** The largest resident set of the whole process, loading and warm-up included. */
  readonly peakBytes: number;
  /** Tokens of each text, special tokens included and padding not; `null` where the peer does not tell. */
  readonly tokens: readonly number[] | null;
  /** The share of the processors that other programs took meanwhile, 0 to 1. */
  readonly others: number;
}

/** Vectors row-major, one row a text, and {@link Measurement.tokens}. */
export interface Embedded {
  readonly vectors: Float32Array;
  readonly tokens: readonly number[] | null;
}

/** Runs the work of this process: warm-up, then one pass under the clock. */
export async function contend(
  load: (work: Work) => Promise<(texts: readonly string[]) => Promise<Embedded>>,
): Promise<void> {
  const work = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as Work;
  const embed = await load(work);
  await embed(work.texts.slice(0, work.warmUp));
  const machine = machineTime();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { vectors, tokens } = await embed(work.texts);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const others = shareOfOthers(machine, cpuSeconds);
  writeFileSync(work.vectorsFile, vectors);
  const measurement: Measurement = {
    seconds,
    cpuSeconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    tokens,
    others,
  };
  console.log(JSON.stringify(measurement));
}

/** The rows of `texts` in groups of `size`, in input order: what a caller does who does not sort. */
export function inputOrder(texts: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, index) =>
    texts.slice(index * size, (index + 1) * size),
  );
}
