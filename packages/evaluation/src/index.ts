/**
 * Comparison of what embeds texts: two runtimes of one model on the same ones, each in processes of its own. For Bun.
 *
 * @packageDocumentation
 */
export {
  type CompareOptions,
  type CompareProgress,
  compareRuntimes,
  type RuntimeSide,
} from "./compare-runtimes.ts";
export type {
  MemoryFigures,
  ProbeFacts,
  ProbeParity,
  QueryFigures,
  RuntimeComparison,
  RuntimeFigures,
} from "./comparison.ts";
export {
  INTERCHANGEABLE_COSINE,
  type LowestCosine,
  type NeighbourOverlap,
  type Parity,
  parityOf,
  type VectorSet,
} from "./parity.ts";
export { PROBE_PASSAGES, type ProjectProbe, type ProjectProbeOptions, projectProbe } from "./probe.ts";
export type { RoundProgress } from "./round.ts";
export { quantile, type Spread, spread } from "./statistics.ts";
export { judgeSpeed, LEAST_ROUNDS, type Rivals, type SpeedVerdict } from "./verdict.ts";
