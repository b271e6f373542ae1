/** What a run measured, as the page that is committed. */
import { cpus } from "node:os";
import type { Measurement } from "./contender.ts";
import { machine } from "./machine.ts";
import { QUIET } from "./others.ts";
import { PEERS } from "./peers.ts";
import type { StartupResult, StartupRuns } from "./startup.ts";
import { percent, type Spread, spread } from "./statistics.ts";
import { CONTENDERS, type Contender, type ThroughputResult } from "./throughput.ts";

const NAMES: Readonly<Record<Contender, string>> = {
  transformers: `transformers.js ${PEERS["@huggingface/transformers"]}, pipeline, batches of 32 in input order`,
  onnxruntime: `onnxruntime-node ${PEERS["onnxruntime-node"]} used directly, batches of 32 in input order`,
  patina: "Patina, engine defaults",
};
const WEIGHT_NAMES = { fp32: "float32", q8: "int8 weights" } as const;
/** What the float32 throughput has to be, as a multiple of transformers.js'. */
const TARGET_RATIO = 2.8;

/** The page. */
export function report(throughput: readonly ThroughputResult[], startup: StartupResult, when: Date): string {
  const [first] = throughput;
  if (first === undefined) throw new Error("nothing was measured");
  const shares = throughput.flatMap(({ rounds }) =>
    CONTENDERS.flatMap((name) => rounds[name].map((round) => round.others)),
  );
  return `# Benchmark results

Written by \`bun run bench\` on ${when.toISOString().slice(0, 10)}; [README.md](README.md) says what is measured and how.

${machine()}

## Throughput

${first.texts} functions of the Python standard library, ${first.tokens} tokens (mean ${(first.tokens / first.texts).toFixed(0)}, cut
at 256), all-MiniLM-L6-v2, the same files for everyone. Median of ${first.rounds.patina.length} interleaved rounds, each in a
process of its own, loading and warm-up excluded; in brackets the slowest and the fastest round.

| weights | what ran | tokens/s | texts/s | against transformers.js | CPU s | peak memory |
| --- | --- | --- | --- | --- | --- | --- |
${throughput.flatMap(throughputRows).join("\n")}

${throughput.map(verdict).join("\n\n")}

${remark(shares)}

Where the numbers come from. A peer that takes its batches in input order pads every text to the longest of 32, and most
of what it multiplies is padding; Patina sorts by length and fills batches of at most 512 padded tokens, so that almost
nothing is padding and a layer's activations stay in the cache. Its two workers have one thread each and a session each:
no thread waits for another inside a matrix product, and none waits by spinning (compare CPU seconds with the wall clock).
Tokenizing and pooling are native and run on the same workers.
A profile of Patina's float32 run on a 2-core Xeon (2026-11-23) has about four fifths of the processor time in one small
region of ONNX Runtime's library, which has no symbols and by its weight is the matrix kernels, and under 2 % in Patina's
own code and the C library: what is left to gain lies in the products. There, per processor second, batches of 128 to 512
tokens ran alike and of 1,024 a tenth slower. The int8 file computes in float32 from weights stored as int8, in a graph
with many more operators (Cast, Where, IsNaN, Slice) than the float32 one: it is the smaller download, not the faster model.

## Start-up

From starting the process to the printed vector of "hello", int8 weights, both under Bun. Median of
${startup.patina.toVector.length} interleaved starts with the files in the page cache; in brackets the fastest and the slowest.

| what ran | to the vector | to the end of the process |
| --- | --- | --- |
${startupRow("minimal script over transformers.js", startup.transformers)}
${startupRow('`patina embed "hello" --model all-minilm-l6-v2`', startup.patina)}

${startupVerdict(startup)} Most of either time is ONNX Runtime, which both load and
which builds a session from the same file (about 200 ms on that Xeon). What differs is the rest: one addon against a package that brings image
processing along, the tokenizer read by native code while the session is built, and a single session for a single text.

## What this machine cannot show

- MLX on Apple Silicon, a GPU, or ARM kernels of ONNX Runtime: none is here.
- More than ${cpus().length} cores: how workers scale beyond that, and what they then cost in memory.
- A cold start: dropping the page cache needs rights over the whole machine, so files were warm for both sides.
- A processor without AVX-512, where matrix products take a larger share and batching a smaller one.
`;
}

function throughputRows({ variant, rounds, texts, tokens }: ThroughputResult): string[] {
  const seconds = (name: Contender) => spread(rounds[name].map((round) => round.seconds));
  const base = seconds("transformers").median;
  return CONTENDERS.map((name) => {
    const time = seconds(name);
    const cpu = spread(rounds[name].map((round) => round.cpuSeconds)).median;
    const peak = Math.max(...rounds[name].map((round: Measurement) => round.peakBytes)) / 2 ** 20;
    const rate = (value: number) => Math.round(tokens / value).toLocaleString("en");
    return `| ${[
      WEIGHT_NAMES[variant],
      NAMES[name],
      `${rate(time.median)} (${rate(time.most)} to ${rate(time.least)})`,
      Math.round(texts / time.median),
      `${(base / time.median).toFixed(2)}×`,
      cpu.toFixed(1),
      `${peak.toFixed(0)} MiB`,
    ].join(" | ")} |`;
  });
}

function verdict({ variant, rounds, agreement }: ThroughputResult): string {
  const median = (name: Contender) => spread(rounds[name].map((round) => round.seconds)).median;
  const ratio = median("transformers") / median("patina");
  const target =
    variant === "fp32" ? ` The target is ${TARGET_RATIO}×: ${ratio >= TARGET_RATIO ? "met" : "MISSED"}.` : "";
  return (
    `${WEIGHT_NAMES[variant]}: Patina runs at ${ratio.toFixed(2)}× transformers.js.${target} Smallest cosine between the two ` +
    `over the texts that fit: ${agreement.whole.toFixed(6)}; over those that are cut: ${agreement.cut.toFixed(4)}, because ` +
    "transformers.js cuts the end token off too, where the reference (and Patina) keeps it. Token counts are equal, text by text."
  );
}

function remark(shares: readonly number[]): string {
  const { median, least, most } = spread(shares);
  const busy =
    median > QUIET
      ? "**Other work ran on the machine: rates are too low, and ratios too, or too high where a peer's threads wait " +
        "for each other.** "
      : "";
  return (
    `${busy}Other programs took ${percent(least)} to ${percent(most)} of the processors while the clock ran, ` +
    `in the middle round ${percent(median)}.`
  );
}

function startupRow(name: string, runs: StartupRuns): string {
  const cell = ({ median, least, most }: Spread) =>
    `${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`;
  return `| ${name} | ${cell(spread(runs.toVector))} | ${cell(spread(runs.toExit))} |`;
}

function startupVerdict({ patina, transformers }: StartupResult): string {
  const ratio = spread(patina.toVector).median / spread(transformers.toVector).median;
  const met = ratio <= 1 ? "met" : "MISSED";
  return `The target is at most transformers.js' time: ${met} (${ratio.toFixed(2)} of it).`;
}
