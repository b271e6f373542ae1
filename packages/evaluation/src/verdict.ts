import type { Runtime } from "@patina/core";
import type { Spread } from "./statistics.ts";

/** With fewer rounds their range says nothing of how far a runtime's own figures vary. */
export const LEAST_ROUNDS = 3;

/** Which of two runtimes did better in one thing, on the machine that was measured. */
export interface SpeedVerdict {
  /** `null` where neither can be said to be faster. */
  readonly faster: Runtime | null;
  /** The median of the faster one beside that of the other, from 1 upwards; where neither is, of the better median. */
  readonly ratio: number;
  /** Why neither is faster: the ranges of the rounds overlap, or there were too few. `null` where one is. */
  readonly undecided: "overlap" | "few-rounds" | null;
}

/** What each runtime's rounds came to. */
export type Rivals = Readonly<Record<Runtime, Spread>>;

/**
 * The runtime whose worst round is better than the other's best, and how many times as fast its median is.
 *
 * @param better - whether more is better (tokens a second) or less (milliseconds)
 */
export function judgeSpeed({ onnx, mlx }: Rivals, better: "more" | "less", rounds: number): SpeedVerdict {
  const share = better === "more" ? onnx.median / mlx.median : mlx.median / onnx.median;
  const ratio = Math.max(share, 1 / share);
  if (rounds < LEAST_ROUNDS) return { faster: null, ratio, undecided: "few-rounds" };
  if (onnx.least <= mlx.most && mlx.least <= onnx.most) return { faster: null, ratio, undecided: "overlap" };
  return { faster: share > 1 ? "onnx" : "mlx", ratio, undecided: null };
}
