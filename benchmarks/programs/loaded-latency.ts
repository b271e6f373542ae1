/**
 * One engine, asked for single queries: first with nothing else to do, then while it embeds a long batch. Meanwhile
 * two clocks watch the event loop. Its argument is a {@link LoadedWork} file; prints {@link LoadedLatency}.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { EmbeddingEngine } from "@patina/core";
import type { ModelSpec } from "@patina/engine";
import { openPatina } from "../patina-spec.ts";

export interface LoadedWork {
  readonly spec: ModelSpec;
  readonly modelsFolder: string;
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
  /** The event loop during the idle queries, and while the batch ran. */
  readonly idleGap: EventLoopGap;
  readonly loadedGap: EventLoopGap;
}

/** How long the event loop stood still at most, in milliseconds. */
export interface EventLoopGap {
  /** How late a timer of 1 ms came. */
  readonly timer: number;
  /** How much of that the thread waited for a processor, busy with nothing; `null` where the system does not tell. */
  readonly descheduled: number | null;
  /** The greatest delay that `perf_hooks.monitorEventLoopDelay` saw. */
  readonly monitor: number;
}

/** Between two queries: a person or program that asks, not a second batch. Both parts wait alike. */
const PAUSE = 10;
const WARM_UP = 50;

async function main(): Promise<void> {
  const work = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as LoadedWork;
  await using engine = await openPatina(work.spec, work.modelsFolder);
  await asked(engine, work.queries, (count) => count >= WARM_UP);
  const watchIdle = watchEventLoop();
  const idle = await asked(engine, work.queries, (count) => count >= work.idle);
  const idleGap = watchIdle();
  const watch = watchEventLoop();
  const start = performance.now();
  let done = false;
  const batch = engine.embedBatch(work.batch).finally(() => {
    done = true;
  });
  const loaded = await asked(engine, work.queries, () => done);
  await batch;
  const batchSeconds = (performance.now() - start) / 1000;
  const report: LoadedLatency = { idle, loaded, batchSeconds, idleGap, loadedGap: watch() };
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
function watchEventLoop(): () => EventLoopGap {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  let longest: Omit<EventLoopGap, "monitor"> = { timer: 0, descheduled: null };
  let last = performance.now();
  let waited = waitedForProcessor();
  const timer = setInterval(() => {
    const now = performance.now();
    const waitedNow = waitedForProcessor();
    const descheduled = waited === null || waitedNow === null ? null : waitedNow - waited;
    if (now - last - 1 >= longest.timer) longest = { timer: now - last - 1, descheduled };
    last = now;
    waited = waitedNow;
  }, 1);
  return () => {
    clearInterval(timer);
    monitor.disable();
    return { ...longest, monitor: monitor.max / 1e6 };
  };
}

/** Milliseconds that this thread was ready and had no processor, since it began; `null` on other systems than Linux. */
function waitedForProcessor(): number | null {
  if (process.platform !== "linux") return null;
  const [, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
  return Number(waited) / 1e6;
}

await main();
