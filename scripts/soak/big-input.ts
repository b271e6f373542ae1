/** An input of hundreds of megabytes through `patina embed`: the memory it takes must not grow with it. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { MODEL } from "../../benchmarks/models.ts";
import type { Places } from "../../benchmarks/prepare.ts";
import { benchmarkTexts } from "../../benchmarks/texts.ts";
import type { Finding } from "../soak.ts";
import { start } from "./command.ts";

/** Most lines are long, so that hundreds of megabytes take minutes and not hours: the model reads 256 tokens of each. */
const LONG_LINE = 40_000;
/** Every so many lines one is as a function comes, so that lengths are mixed. */
const SHORT_EVERY = 4;
/** How much more the second half of the run may take than the first: allocators settle, leaks do not. */
const MOST_GROWTH = 1.15;
const SAMPLE_EVERY = 250;

/** Embeds `megabytes` of lines and watches the process. */
export async function bigInput(
  places: Places,
  megabytes: number,
  say: (message: string) => void,
): Promise<Finding> {
  const input = join(places.folder, "soak-lines.txt");
  const lines = writeLines(input, megabytes * 1e6);
  say(`${megabytes} MB in ${lines} lines through patina embed`);
  const begin = performance.now();
  const child = start(places, places.folder, ["embed", "--model", MODEL], Bun.file(input));
  const samples: { line: number; bytes: number }[] = [];
  let results = 0;
  const timer = setInterval(() => {
    const bytes = residentBytes(child.pid);
    if (bytes !== undefined) samples.push({ line: results, bytes });
  }, SAMPLE_EVERY);
  const problems = new Response(child.stderr).text();
  for await (const chunk of child.stdout) {
    for (const byte of chunk) if (byte === 10) results++;
  }
  const exitCode = await child.exited;
  clearInterval(timer);
  rmSync(input);
  const seconds = (performance.now() - begin) / 1000;

  const peak = (part: typeof samples) => Math.max(...part.map(({ bytes }) => bytes));
  const first = peak(samples.filter(({ line }) => line < lines / 2));
  const second = peak(samples.filter(({ line }) => line >= lines / 2));
  const failures: string[] = [];
  if (exitCode !== 0) failures.push(`patina embed ended with ${exitCode}: ${await problems}`);
  if (results !== lines) failures.push(`${lines} lines went in, ${results} results came out`);
  // Not `>`: without samples the peaks are no numbers to compare, and that is a failure too.
  if (!(second <= first * MOST_GROWTH))
    failures.push(`memory grew from ${mebibytes(first)} to ${mebibytes(second)}`);
  return {
    title: "An input larger than memory should be",
    text:
      `${megabytes} MB in ${lines} lines (most of ${LONG_LINE / 1000} kB, every fourth a function of common length) through ` +
      `\`patina embed\`: ${results} results in ${seconds.toFixed(0)} s. Largest resident set in the first half ` +
      `${mebibytes(first)}, in the second ${mebibytes(second)}, ${samples.length} samples.`,
    failures,
  };
}

/** Writes lines until there are `bytes` of them, and returns how many. */
function writeLines(path: string, bytes: number): number {
  const functions = benchmarkTexts(200).map((text) => text.replaceAll("\n", " "));
  const all = functions.join(" ");
  const file = openSync(path, "w");
  let written = 0;
  let lines = 0;
  for (; written < bytes; lines++) {
    const offset = (lines * 7919) % (all.length - LONG_LINE);
    const short = functions[lines % functions.length] as string;
    const text = lines % SHORT_EVERY === 0 ? short : all.slice(offset, offset + LONG_LINE);
    written += writeSync(file, `${lines} ${text}\n`);
  }
  closeSync(file);
  return lines;
}

/** The resident set of a process; nothing once it has ended. */
function residentBytes(pid: number): number | undefined {
  const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", `${pid}`]);
  const kibibytes = Number(stdout.toString().trim());
  return kibibytes > 0 ? kibibytes * 1024 : undefined;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
