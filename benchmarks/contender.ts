/** What the programs under measurement share: the work they are given, the clock, what they hand back. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Model } from "./models.ts";

/** The same work for every contender, as a JSON file whose path is the program's only argument. */
export interface Work {
  /** `throughput`: all texts in one call. `latency`: one text a call. `start`: the first text, its vector printed. */
  readonly task: "throughput" | "latency" | "start";
  readonly model: Model;
  /** SHA-256 of the files that Patina is told of; taken outside, so that no program's memory has a file read whole. */
  readonly digests: Digests;
  /** The folder that holds {@link Model.folder}. */
  readonly modelsFolder: string;
  /** The folder whose `node_modules` has the peers from npm. */
  readonly peersFolder: string;
  readonly texts: readonly string[];
  /** So many of the texts run before the clock starts: code paths compiled, memory taken, caches warm. */
  readonly warmUp: number;
  /** Where `throughput` leaves the vectors, row-major float32. */
  readonly vectorsFile: string;
  /** For the hand-tuned contender alone: a configuration other than its best. */
  readonly configuration?: unknown;
}

/** SHA-256 of a model's files by their role, as 64 hexadecimal digits. */
export type Digests = Readonly<Partial<Record<"weights" | "external-data" | "tokenizer", string>>>;

/** One measured pass over all texts. */
export interface Pass {
  readonly seconds: number;
  /** Processor time over all threads; more than `seconds` where several compute, or wait by spinning. */
  readonly cpuSeconds: number;
  /** The largest resident set of the whole process, loading and warm-up included. */
  readonly peakBytes: number;
  /** Tokens of each text, special tokens included and padding not; `null` where the peer does not tell. */
  readonly tokens: readonly number[] | null;
}

/** Vectors row-major, one row a text, and {@link Pass.tokens}. */
export interface Embedded {
  readonly vectors: Float32Array;
  readonly tokens: readonly number[] | null;
}

type Embed = (texts: readonly string[]) => Promise<Embedded>;

/** Runs the work of this process and prints what it measured as one line of JSON. */
export async function contend(load: (work: Work) => Promise<Embed>): Promise<void> {
  const work = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as Work;
  const embed = await load(work);
  if (work.task === "start") {
    const { vectors } = await embed(work.texts.slice(0, 1));
    console.log(JSON.stringify({ embedding: Array.from(vectors) }));
  } else if (work.task === "latency") {
    console.log(JSON.stringify({ milliseconds: await alone(embed, work) }));
  } else {
    console.log(JSON.stringify(await pass(embed, work)));
  }
}

async function pass(embed: Embed, { texts, warmUp, vectorsFile }: Work): Promise<Pass> {
  await embed(texts.slice(0, warmUp));
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { vectors, tokens } = await embed(texts);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  writeFileSync(vectorsFile, vectors);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes, tokens };
}

/** Milliseconds of each text, one after another with nothing else to do. */
async function alone(embed: Embed, { texts, warmUp }: Work): Promise<number[]> {
  const milliseconds: number[] = [];
  for (const [index, text] of [...texts.slice(0, warmUp), ...texts].entries()) {
    const start = performance.now();
    await embed([text]);
    if (index >= warmUp) milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}

/** The rows of `texts` in groups of `size`, in input order: what a caller does who does not sort. */
export function inputOrder(texts: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, index) =>
    texts.slice(index * size, (index + 1) * size),
  );
}

/** Parts of a matrix, one after another. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
