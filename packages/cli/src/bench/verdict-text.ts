import type { Runtime } from "@patina/core";
import { LEAST_ROUNDS, type RuntimeComparison, type SpeedVerdict, type Spread } from "@patina/evaluation";
import type { MachineReport } from "../doctor/machine.ts";
import { counted } from "../terminal/numbers.ts";
import { cosineText, milliseconds, rate, times } from "./figures.ts";

/** What people call the runtimes. */
export const NAMES: Readonly<Record<Runtime, string>> = { onnx: "ONNX Runtime", mlx: "MLX" };

/** What MLX's figures do not say, by what it computed on. */
const DEVICES = {
  cpu: "MLX ran on the CPU: its speed and memory here mean nothing for Apple Silicon, where it runs on the GPU.",
  gpu: "What Metal holds for the GPU may be missing from MLX's memory, which is what the system counts as the process's.",
} as const;

/** What a comparison comes to, of the machine that it ran on and of no other: one paragraph. */
export function verdictText(
  comparison: RuntimeComparison,
  { processor, cores }: Pick<MachineReport, "processor" | "cores">,
): string {
  const sentences = [
    `On this machine (${processor}, ${counted(cores, "core")}) ${speedText(comparison)}`,
    vectorsText(comparison),
    ...tokensText(comparison),
    ...numericsText(comparison),
  ];
  return [...sentences, DEVICES[comparison.runtimes.mlx.device]].join(" ");
}

function speedText({ speed, rounds, runtimes: { onnx, mlx } }: RuntimeComparison): string {
  if (rounds < LEAST_ROUNDS) {
    return `neither is called faster: that takes ${LEAST_ROUNDS} rounds or more, not ${rounds}.`;
  }
  const batch = paceText(speed.batch, "with batches", "tokens/s", rate, {
    onnx: onnx.tokensPerSecond,
    mlx: mlx.tokensPerSecond,
  });
  const query = paceText(speed.query, "with single short texts", "ms", milliseconds, {
    onnx: onnx.query.roundMedians,
    mlx: mlx.query.roundMedians,
  });
  return `${batch}, and ${query}.`;
}

function paceText(
  { faster, ratio }: SpeedVerdict,
  work: string,
  unit: string,
  figure: (value: number) => string,
  rounds: Readonly<Record<Runtime, Spread>>,
): string {
  if (faster === null) {
    const ends = ({ least, most }: Spread): string => `${figure(least)}–${figure(most)}`;
    const ranges = `${NAMES.onnx} ${ends(rounds.onnx)}, ${NAMES.mlx} ${ends(rounds.mlx)} ${unit}`;
    return `neither is faster ${work}, as the ranges of their rounds overlap (${ranges})`;
  }
  const other = faster === "onnx" ? "mlx" : "onnx";
  const medians = `${figure(rounds[faster].median)} against ${figure(rounds[other].median)} ${unit}`;
  return `${NAMES[faster]} is ${times(ratio)} times as fast as ${NAMES[other]} ${work} (${medians})`;
}

function vectorsText({ parity }: RuntimeComparison): string {
  const { interchangeable, lowest, threshold, texts } = parity;
  const over = `over these ${texts} texts`;
  return interchangeable
    ? `The vectors may stand in for each other: ${over} no cosine is below ${threshold}, the lowest ${cosineText(lowest.cosine)}.`
    : `The vectors do not stand in for each other: the lowest cosine ${over} is ${cosineText(lowest.cosine)}, below ${threshold}.`;
}

function tokensText({ parity: { unlikeTokens } }: RuntimeComparison): string[] {
  if (unlikeTokens === 0) return [];
  return [
    `${counted(unlikeTokens, "text")} came to unlike numbers of tokens: the tokenizers of the two differ.`,
  ];
}

function numericsText({ runtimes: { onnx, mlx } }: RuntimeComparison): string[] {
  if (onnx.numerics === mlx.numerics) return [];
  const [left, right] = [onnx, mlx].map(({ variant, numerics }) => numerics ?? `variant ${variant}`);
  return [
    `The files differ in their numbers (${left} on ${NAMES.onnx}, ${right} on ${NAMES.mlx}), which has a part in every difference.`,
  ];
}
