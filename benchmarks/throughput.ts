/** Texts through each contender, in interleaved rounds, every pass in a process of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Measurement, Variant, Work } from "./contender.ts";
import { untilQuiet } from "./others.ts";
import { MAX_TOKENS, type Places } from "./prepare.ts";
import { leastCosine, percent } from "./statistics.ts";
import { benchmarkTexts } from "./texts.ts";

/** The contenders, in the order of a round. The first is what ratios are against. */
export const CONTENDERS = ["transformers", "onnxruntime", "patina"] as const;
/** Who runs. */
export type Contender = (typeof CONTENDERS)[number];

/** What the rounds over one variant gave. */
export interface ThroughputResult {
  readonly variant: Variant;
  readonly texts: number;
  /** Over all texts, special tokens included, padding not; the same count for everyone. */
  readonly tokens: number;
  readonly rounds: Readonly<Record<Contender, readonly Measurement[]>>;
  readonly agreement: Agreement;
}

/**
 * Smallest cosine between Patina's vectors and transformers.js'. On texts that are cut the two differ: transformers.js
 * 4.3.1 cuts the end token off with the rest, the reference (and Patina) keeps it. The work is the same.
 */
export interface Agreement {
  /** Over texts that fit the model. */
  readonly whole: number;
  /** Over texts that fill the model's limit. */
  readonly cut: number;
}

const TEXTS = 1000;
const WARM_UP = 96;
const DIMENSION = 384;
/** Below this two contenders did not do the same work and there is nothing to compare. */
const LEAST_AGREEMENT = 0.9999;

/** Measures one variant. */
export async function measureThroughput(
  places: Places,
  variant: Variant,
  rounds: number,
  patience: number,
  say: (message: string) => void,
): Promise<ThroughputResult> {
  const texts = benchmarkTexts(TEXTS);
  const measured: Record<Contender, Measurement[]> = { transformers: [], onnxruntime: [], patina: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const contender of CONTENDERS) {
      await untilQuiet(patience);
      const measurement = await pass(places, contender, variant, texts);
      measured[contender].push(measurement);
      say(
        `${variant}, round ${round} of ${rounds}: ${contender} ${measurement.seconds.toFixed(2)} s, others ${percent(measurement.others)}`,
      );
    }
  }
  const tokens = agreedTokens(measured);
  return {
    variant,
    texts: TEXTS,
    tokens: tokens.reduce((sum, count) => sum + count, 0),
    rounds: measured,
    agreement: agreement(places, variant, tokens),
  };
}

async function pass(
  places: Places,
  contender: Contender,
  variant: Variant,
  texts: readonly string[],
): Promise<Measurement> {
  const { folder, modelsFolder, peersFolder } = places;
  const work: Work = {
    variant,
    modelsFolder,
    peersFolder,
    texts,
    warmUp: WARM_UP,
    maxTokens: MAX_TOKENS,
    vectorsFile: vectorsFile(places, contender, variant),
  };
  const file = join(folder, "work.json");
  writeFileSync(file, JSON.stringify(work));
  const program = join(import.meta.dir, `contend-${contender}.ts`);
  const child = Bun.spawn([process.execPath, program, file], { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${program} failed (${child.exitCode})`);
  return JSON.parse(output) as Measurement;
}

/** Everyone who counts has to have counted the same: otherwise the texts were cut in different places. */
function agreedTokens(measured: Readonly<Record<Contender, readonly Measurement[]>>): number[] {
  const counts = Object.values(measured)
    .flat()
    .flatMap(({ tokens }) => (tokens === null ? [] : [tokens]));
  const [first] = counts;
  if (first === undefined) throw new Error("no contender counted its tokens");
  for (const other of counts) {
    const text = other.findIndex((count, index) => count !== first[index]);
    if (text !== -1) {
      throw new Error(`text ${text} has ${first[text]} tokens for one contender, ${other[text]} for another`);
    }
  }
  return [...first];
}

/** Cosines against the first contender, over the texts that fit the model and over those that fill it. */
function agreement(places: Places, variant: Variant, tokens: readonly number[]): Agreement {
  const reference = readVectors(places, CONTENDERS[0], variant);
  const least = (contender: Contender, cut: boolean) => {
    const vectors = readVectors(places, contender, variant);
    const rows = tokens.flatMap((count, row) => (count >= MAX_TOKENS === cut ? [row] : []));
    return leastCosine(reference, vectors, DIMENSION, rows);
  };
  for (const contender of CONTENDERS) {
    const cosine = least(contender, false);
    // Not `<`: NaN has to fail as well.
    if (!(cosine >= LEAST_AGREEMENT)) {
      throw new Error(`${contender} and ${CONTENDERS[0]} disagree on a text of ${variant}: cosine ${cosine}`);
    }
  }
  return { whole: least("patina", false), cut: least("patina", true) };
}

function readVectors(places: Places, contender: Contender, variant: Variant): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(vectorsFile(places, contender, variant));
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function vectorsFile({ folder }: Places, contender: Contender, variant: Variant): string {
  return join(folder, `vectors-${contender}-${variant}.f32`);
}
