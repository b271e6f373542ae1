/**
 * The index on the disk against a search of its floats: `bun packages/native/bench/vector-index.ts` prints the table of
 * RESULTS.md. Every cell is from processes that do nothing else (see vector-index-run.ts), whose files are in the page cache.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { normalize, type VectorIndexFiles, writeCodes } from "@patina/native";
import type { Run } from "./vector-index-run.ts";

const ROWS = 100_000;
const QUERIES = 20;
/** Processes that are started for each cell. */
const STARTS = 5;

/** Normally distributed numbers, the same in every run (mulberry32, Box and Muller). */
function normalNumbers(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Unit vectors all over, or around √rows centres: cosines within a cluster are about 0.6 then, as between passages about one
 * thing. Rows first, then queries, which lie about as far from a centre.
 */
function writeFloats(file: string, dimension: number, clustered: boolean): Float32Array {
  const next = normalNumbers(dimension);
  const unit = (middle?: Float32Array): Float32Array => {
    const vector = Float32Array.from({ length: dimension }, next);
    normalize(vector);
    if (middle === undefined) return vector;
    for (const [index, value] of middle.entries()) vector[index] = value + 0.8 * (vector[index] ?? 0);
    normalize(vector);
    return vector;
  };
  const centres = clustered ? Array.from({ length: Math.round(Math.sqrt(ROWS)) }, () => unit()) : [];
  const descriptor = openSync(file, "wx");
  for (let row = 0; row < ROWS; row++) writeSync(descriptor, unit(centres[(row * 7919) % centres.length]));
  closeSync(descriptor);
  const queries = new Float32Array(QUERIES * dimension);
  for (let query = 0; query < QUERIES; query++) queries.set(unit(centres[query]), query * dimension);
  return queries;
}

function run(how: "floats" | "codes", files: VectorIndexFiles, queries: string, k: number): Run {
  const script = join(import.meta.dir, "vector-index-run.ts");
  const runs = Array.from({ length: STARTS }, () => {
    const input = JSON.stringify({ how, files, queries, k });
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], { input, encoding: "utf8" });
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as Run;
  });
  const middle = (of: (run: Run) => number): number => runs.map(of).sort((a, b) => a - b)[STARTS >> 1] ?? 0;
  return {
    digest: middle((run) => run.digest),
    first: middle((run) => run.first),
    median: middle((run) => run.median),
    rescored: middle((run) => run.rescored),
  };
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Bun ${Bun.version}\n`);
console.log(
  "| vectors | k | floats: digest, first search | every next | codes: digest, first search | every next | rescored | codes written | file |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
const ms = (value: number): string => `${value.toFixed(1)} ms`;
for (const dimension of [256, 384, 1024]) {
  for (const clustered of [true, false]) {
    const folder = mkdtempSync(join(tmpdir(), "patina-bench-"));
    try {
      const [floats, codes] = [join(folder, "passages.f32"), join(folder, "passages.i8")];
      const files = { floats, codes, rows: ROWS, dimension };
      const queries = join(folder, "queries.f32");
      await Bun.write(queries, writeFloats(floats, dimension, clustered));
      const start = performance.now();
      await writeCodes(files);
      const written = performance.now() - start;
      for (const k of [10, 100]) {
        const [plain, index] = [run("floats", files, queries, k), run("codes", files, queries, k)];
        const cells = [
          `${ROWS.toLocaleString("en")} × ${dimension}, ${clustered ? "clustered" : "all over"}`,
          k,
          `${ms(plain.digest)} + ${ms(plain.first)}`,
          ms(plain.median),
          `${ms(index.digest)} + ${ms(index.first)}`,
          ms(index.median),
          index.rescored,
          ms(written),
          `${(statSync(codes).size / 1e6).toFixed(1)} MB`,
        ];
        console.log(`| ${cells.join(" | ")} |`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
