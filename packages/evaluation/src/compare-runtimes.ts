import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PatinaError, type Runtime } from "@patina/core";
import { type ModelSpec, nativeFacts } from "@patina/engine";
import { figuresOf, type ProbeParity, type RuntimeComparison, tokensOf } from "./comparison.ts";
import { parityOf, type VectorSet } from "./parity.ts";
import { probeDigest, probeQueries } from "./probe.ts";
import type { RoundProgress, RoundResult } from "./round.ts";
import { runRound } from "./round-process.ts";
import { judgeSpeed } from "./verdict.ts";

/** One runtime's files of a model. */
export interface RuntimeSide {
  readonly spec: ModelSpec;
  /** As the registry states it; null where it does not. */
  readonly numerics: string | null;
}

/** Where a comparison is. */
export interface CompareProgress extends RoundProgress {
  /** From 1. */
  readonly round: number;
  readonly rounds: number;
  readonly runtime: Runtime;
}

/** Options of {@link compareRuntimes}. */
export interface CompareOptions {
  readonly sides: Readonly<Record<Runtime, RuntimeSide>>;
  /** At least two, embedded as passages; a special token that one spells out is plain text, as in an index. */
  readonly texts: readonly string[];
  readonly rounds: number;
  /** As `openEngine` takes it. */
  readonly graphCache: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompareProgress) => void;
}

const RUNTIMES: readonly Runtime[] = ["onnx", "mlx"];

/**
 * Measures two runtimes of one model on the same texts. Each round of each runtime has a process of its own, which
 * loads the model anew, so that neither runtime holds memory or threads while the other is measured; the rounds take
 * turns, so that what else the machine does meets both. The vectors of the first round are compared.
 *
 * @throws PatinaError `INVALID_INPUT` for fewer than two texts, `ABORTED`, and what an engine threw.
 */
export async function compareRuntimes(options: CompareOptions): Promise<RuntimeComparison> {
  const { sides, texts, rounds } = options;
  if (texts.length < 2) {
    throw new PatinaError("INVALID_INPUT", `runtimes are compared on two texts or more, not ${texts.length}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "patina-bench-"));
  try {
    const results = await runRounds(options, folder);
    const parity = await compareVectors(options, results, folder);
    const device = nativeFacts().appleSilicon ? "gpu" : "cpu";
    const figures = {
      onnx: figuresOf({ ...factsOf(sides.onnx), device: "cpu" }, results.onnx),
      mlx: figuresOf({ ...factsOf(sides.mlx), device }, results.mlx),
    };
    const { onnx, mlx } = figures;
    const [first] = results.onnx as [RoundResult];
    return {
      model: sides.onnx.spec.key,
      rounds,
      probe: {
        texts: texts.length,
        sha256: probeDigest(texts),
        tokens: tokensOf(first),
        truncated: first.truncated,
        queries: first.queryMilliseconds.length,
      },
      runtimes: figures,
      parity,
      speed: {
        batch: judgeSpeed({ onnx: onnx.textsPerSecond, mlx: mlx.textsPerSecond }, "more", rounds),
        query: judgeSpeed({ onnx: onnx.query.roundMedians, mlx: mlx.query.roundMedians }, "less", rounds),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Results = Record<Runtime, RoundResult[]>;

async function runRounds(options: CompareOptions, folder: string): Promise<Results> {
  const { sides, texts, rounds, graphCache, signal, onProgress } = options;
  const queries = probeQueries(texts);
  const results: Results = { onnx: [], mlx: [] };
  for (let round = 1; round <= rounds; round++) {
    // Neither always comes first, into a machine that the other one has just warmed.
    const order = round % 2 === 1 ? RUNTIMES : RUNTIMES.toReversed();
    for (const runtime of order) {
      const { spec } = sides[runtime];
      const vectorsFile = round === 1 ? vectorsIn(folder, runtime) : null;
      const work = { spec, graphCache, specialTokens: "neutralize" as const, texts, queries, vectorsFile };
      const result = await runRound(work, {
        workFile: join(folder, `${runtime}-${round}.json`),
        signal,
        onProgress: (progress) => onProgress?.({ round, rounds, runtime, ...progress }),
      });
      results[runtime].push(result);
    }
  }
  return results;
}

async function compareVectors(
  { texts, signal }: CompareOptions,
  { onnx, mlx }: Results,
  folder: string,
): Promise<ProbeParity> {
  const read = async (runtime: Runtime, [first]: RoundResult[]): Promise<VectorSet> => {
    // A copy of its own begins where a Float32Array may.
    const { buffer } = Uint8Array.from(await readFile(vectorsIn(folder, runtime)));
    return { data: new Float32Array(buffer), dimension: (first as RoundResult).dimension };
  };
  const parity = await parityOf(await read("onnx", onnx), await read("mlx", mlx), signal);
  const { lowest } = parity;
  return {
    ...parity,
    lowest: { ...lowest, text: texts[lowest.index] as string },
    unlikeTokens: texts.filter((_, text) => onnx[0]?.tokens[text] !== mlx[0]?.tokens[text]).length,
  };
}

function vectorsIn(folder: string, runtime: Runtime): string {
  return join(folder, `${runtime}.f32`);
}

function factsOf({ spec, numerics }: RuntimeSide): { variant: string; numerics: string | null } {
  return { variant: spec.variant, numerics };
}
