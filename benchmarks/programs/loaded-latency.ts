/**
 * One engine, asked for single queries: first with nothing else to do, then while it embeds a long batch. Meanwhile
 * two clocks watch the event loop. Its argument is a {@link LoadedWork} file; prints {@link LoadedLatency}.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { EmbeddingEngine } from "@patina/core";
import { type ModelSpec, openEngine } from "@patina/engine";

export interface LoadedWork {
  readonly spec: ModelSpec;
  /** Asked one after another, again from the start when they are through. */
  readonly queries: readonly string[];
  /** Queries of the idle part. */
  readonly idle: number;
  /** Embedded as one batch meanwhile. */
  readonly batch: readonly string[];
}

export interface LoadedLatency {
  /** Milliseconds of each query. */
  readonly idle: readonly number[];
  readonly loaded: readonly number[];
  /** Of the batch, the queries beside it included. */
  readonly batchSeconds: number;
  /** Longest time in milliseconds that a timer of 1 ms came late, while the batch ran. */
  readonly timerGap: number;
  /** The same as `perf_hooks.monitorEventLoopDelay` has it. */
  readonly monitorGap: number;
}

/** Between two queries: a person or program that asks, not a second batch. Both parts wait alike. */
const PAUSE = 10;
const WARM_UP = 50;

async function main(): Promise<void> {
  const work = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as LoadedWork;
  await using engine = await openEngine(work.spec);
  await asked(engine, work.queries, (count) => count >= WARM_UP);
  const idle = await asked(engine, work.queries, (count) => count >= work.idle);
  const watch = watchEventLoop();
  const start = performance.now();
  let done = false;
  const batch = engine.embedBatch(work.batch).finally(() => {
    done = true;
  });
  const loaded = await asked(engine, work.queries, () => done);
  await batch;
  const batchSeconds = (performance.now() - start) / 1000;
  const report: LoadedLatency = { idle, loaded, batchSeconds, ...watch() };
  console.log(JSON.stringify(report));
}

/** Milliseconds of queries, one after another, until `enough` says so of their number. */
async function asked(
  engine: EmbeddingEngine,
  queries: readonly string[],
  enough: (count: number) => boolean,
): Promise<number[]> {
  const milliseconds: number[] = [];
  while (!enough(milliseconds.length)) {
    const query = queries[milliseconds.length % queries.length] as string;
    const start = performance.now();
    await engine.embed(query);
    milliseconds.push(performance.now() - start);
    await Bun.sleep(PAUSE);
  }
  return milliseconds;
}

/** Starts both clocks; the returned function stops them. */
function watchEventLoop(): () => Pick<LoadedLatency, "timerGap" | "monitorGap"> {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  let timerGap = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    timerGap = Math.max(timerGap, now - last - 1);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    monitor.disable();
    return { timerGap, monitorGap: monitor.max / 1e6 };
  };
}

await main();
