/**
 * One engine, the same texts several times over: what the process holds after each pass, and at most. Its argument is
 * a {@link MemoryWork} file; prints {@link MemoryUse}.
 */
import { readFileSync } from "node:fs";
import type { ModelSpec } from "@patina/engine";
import { openPatina } from "../patina-spec.ts";

export interface MemoryWork {
  readonly spec: ModelSpec;
  readonly modelsFolder: string;
  readonly texts: readonly string[];
  readonly passes: number;
}

/** Resident set in bytes. */
export interface MemoryUse {
  /** Before the engine is opened: Bun, the addon and the texts. */
  readonly before: number;
  readonly afterOpening: number;
  readonly afterPass: readonly number[];
  /** The greatest at any time. */
  readonly peak: number;
}

const work = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as MemoryWork;
const before = resident();
await using engine = await openPatina(work.spec, work.modelsFolder);
const afterOpening = resident();
const afterPass: number[] = [];
for (let pass = 0; pass < work.passes; pass++) {
  await engine.embedBatch(work.texts);
  // The vectors' memory goes back in a turn of the event loop after their collection.
  Bun.gc(true);
  await new Promise((turned) => setImmediate(turned));
  afterPass.push(resident());
}
const use: MemoryUse = { before, afterOpening, afterPass, peak: process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(use));

/** After a collection: garbage of JavaScript that waits for its turn is not what the engine holds. */
function resident(): number {
  Bun.gc(true);
  return process.memoryUsage.rss();
}
