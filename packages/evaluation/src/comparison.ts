/** What a comparison of two runtimes comes to: plain data, the form of `patina bench runtimes --json`. */
import type { Runtime } from "@patina/core";
import type { LowestCosine, Parity } from "./parity.ts";
import type { RoundResult } from "./round.ts";
import { quantile, type Spread, spread } from "./statistics.ts";
import type { SpeedVerdict } from "./verdict.ts";

/** One runtime's figures, over all rounds. */
export interface RuntimeFigures {
  readonly variant: string;
  /** As the registry states it (`float32`); null where it does not. */
  readonly numerics: string | null;
  /** What computed. ONNX Runtime is used with its CPU provider alone; MLX has a GPU on Apple Silicon only. */
  readonly device: "cpu" | "gpu";
  readonly encoderId: string;
  /** What kept an engine from opening as it should, a graph cache that cannot be written, say; each once. */
  readonly warnings: readonly string[];
  /** Until the engine is open, the native library included. */
  readonly openSeconds: Spread;
  /** Until there is a first vector. */
  readonly firstVectorSeconds: Spread;
  /** All texts as one batch. */
  readonly tokensPerSecond: Spread;
  readonly textsPerSecond: Spread;
  readonly query: QueryFigures;
  readonly memory: MemoryFigures;
}

/** Milliseconds of single queries. */
export interface QueryFigures {
  /** Over all queries of all rounds. */
  readonly p50: number;
  readonly p95: number;
  /** Of each round's own median. */
  readonly roundMedians: Spread;
}

/** Resident bytes of the process that measured; on macOS it may leave out what Metal holds for the GPU. */
export interface MemoryFigures {
  /** Before the model is opened: JavaScript's runtime and the texts. The largest of the rounds. */
  readonly before: number;
  /** At most, in any round. */
  readonly peak: number;
}

/** The texts of a comparison. */
export interface ProbeFacts {
  readonly texts: number;
  /** SHA-256 over them. */
  readonly sha256: string;
  /** Tokens that the model saw of them. */
  readonly tokens: number;
  /** Texts that were cut at the model's limit. */
  readonly truncated: number;
  /** Short texts that were asked one by one in each round. */
  readonly queries: number;
}

/** {@link Parity} with the text at fault. */
export interface ProbeParity extends Parity {
  readonly lowest: LowestCosine & { readonly text: string };
  /** Texts that the runtimes' files cut into unlike numbers of tokens. */
  readonly unlikeTokens: number;
}

/** Two runtimes of one model on the same texts. */
export interface RuntimeComparison {
  readonly model: string;
  readonly rounds: number;
  readonly probe: ProbeFacts;
  readonly runtimes: Readonly<Record<Runtime, RuntimeFigures>>;
  readonly parity: ProbeParity;
  /** Of the machine that was measured, and of no other. */
  readonly speed: { readonly batch: SpeedVerdict; readonly query: SpeedVerdict };
}

/** A runtime's figures out of its rounds. */
export function figuresOf(
  facts: Pick<RuntimeFigures, "variant" | "numerics" | "device">,
  rounds: readonly RoundResult[],
): RuntimeFigures {
  const [first] = rounds as [RoundResult];
  const over = (figure: (round: RoundResult) => number): Spread => spread(rounds.map(figure));
  const queries = rounds.flatMap((round) => round.queryMilliseconds);
  return {
    ...facts,
    encoderId: first.encoderId,
    warnings: [...new Set(rounds.flatMap((round) => round.warnings))],
    openSeconds: over((round) => round.openSeconds),
    firstVectorSeconds: over((round) => round.firstVectorSeconds),
    tokensPerSecond: over((round) => tokensOf(round) / round.batchSeconds),
    textsPerSecond: over((round) => round.tokens.length / round.batchSeconds),
    query: {
      p50: quantile(queries, 0.5),
      p95: quantile(queries, 0.95),
      roundMedians: over((round) => quantile(round.queryMilliseconds, 0.5)),
    },
    memory: {
      before: Math.max(...rounds.map((round) => round.memoryBefore)),
      peak: Math.max(...rounds.map((round) => round.memoryPeak)),
    },
  };
}

/** Tokens of all texts of a round. */
export function tokensOf({ tokens }: RoundResult): number {
  return tokens.reduce((sum, count) => sum + count, 0);
}
