import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { EmbeddingEngine, EmbeddingMatrix } from "@patina/core";
import { openEngine } from "@patina/engine";
import type { RoundProgress, RoundResult, RoundWork } from "./round.ts";

/**
 * Embedded before anything is timed: buffers have grown then, kernels that are compiled on first use are there, and the
 * second session for single texts (from the third one on) is open.
 */
const WARM_UP_TEXTS = 32;
const WARM_UP_QUERIES = 4;

/** Opens a model in this process, which has opened none before, and measures one round of it. */
export async function measureRound(
  work: RoundWork,
  onProgress: (progress: RoundProgress) => void,
): Promise<RoundResult> {
  const { spec, graphCache, specialTokens, texts, queries, vectorsFile } = work;
  const memoryBefore = process.memoryUsage.rss();
  onProgress({ stage: "opening", done: 0, total: 1 });
  const start = performance.now();
  await using engine = await openEngine(spec, { runtime: spec.runtime, graphCache, specialTokens });
  const openSeconds = secondsSince(start);
  await engine.embedQuery(queries[0] as string);
  const firstVectorSeconds = secondsSince(start);

  for (const query of queries.slice(0, WARM_UP_QUERIES)) await engine.embedQuery(query);
  await engine.embedBatch(texts.slice(0, WARM_UP_TEXTS), { kind: "passage" });

  const { matrix, batchSeconds } = await batch(engine, texts, onProgress);
  const queryMilliseconds = await single(engine, queries, onProgress);
  // Read before the vectors are written: that is this measurement's own work.
  const memoryPeak = peakMemory();
  if (vectorsFile !== null) await writeFile(vectorsFile, matrix.data);
  return {
    encoderId: engine.encoderId,
    warnings: engine.warnings,
    dimension: matrix.dimension,
    openSeconds,
    firstVectorSeconds,
    batchSeconds,
    queryMilliseconds,
    tokens: [...matrix.tokens],
    truncated: matrix.truncated.filter((cut) => cut === 1).length,
    memoryBefore,
    memoryPeak,
  };
}

async function batch(
  engine: EmbeddingEngine,
  texts: readonly string[],
  onProgress: (progress: RoundProgress) => void,
): Promise<{ matrix: EmbeddingMatrix; batchSeconds: number }> {
  onProgress({ stage: "batch", done: 0, total: texts.length });
  const start = performance.now();
  const matrix = await engine.embedBatch(texts, {
    kind: "passage",
    onProgress: ({ done, total }) => onProgress({ stage: "batch", done, total }),
  });
  return { matrix, batchSeconds: secondsSince(start) };
}

async function single(
  engine: EmbeddingEngine,
  queries: readonly string[],
  onProgress: (progress: RoundProgress) => void,
): Promise<number[]> {
  onProgress({ stage: "queries", done: 0, total: queries.length });
  const milliseconds: number[] = [];
  for (const query of queries) {
    const start = performance.now();
    await engine.embedQuery(query);
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** The most bytes that this process had resident. */
function peakMemory(): number {
  if (process.platform === "linux") {
    // Not `getrusage`: a process begins there with what the one that started it had at most.
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kibibytes === undefined) throw new Error("/proc/self/status has no VmHWM");
    return Number(kibibytes) * 1024;
  }
  // In bytes on macOS and in kibibytes elsewhere, unless the JavaScript runtime converts it; a peak in kibibytes is far
  // below the bytes that are resident now, and one in bytes is not.
  const { maxRSS } = process.resourceUsage();
  return maxRSS >= process.memoryUsage.rss() ? maxRSS : maxRSS * 1024;
}
