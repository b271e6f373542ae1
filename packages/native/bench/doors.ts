/**
 * What a call costs through each door: `bun packages/native/bench/doors.ts` prints the table of RESULTS.md.
 * Bun and Node take turns; each number is the median of three runs' medians. Node needs the built package.
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";

const RUNS = 3;
const script = join(import.meta.dir, "measure.js");

function run(program: string): Record<string, number> {
  const { stdout, stderr, status } = spawnSync(program, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${script} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, number>;
}

const runs: Record<"bun" | "node", Record<string, number>[]> = { bun: [], node: [] };
for (let index = 0; index < RUNS; index++) {
  runs.bun.push(run(process.execPath));
  runs.node.push(run("node"));
}

function median(runtime: "bun" | "node", name: string): string {
  const times = runs[runtime].map((times) => times[name]).filter((time) => time !== undefined);
  const middle = times.sort((a, b) => a - b)[times.length >> 1];
  if (middle === undefined) return "–";
  return middle < 10_000 ? `${Math.round(middle)} ns` : `${(middle / 1e6).toFixed(2)} ms`;
}

const nodeVersion = spawnSync("node", ["--version"], { encoding: "utf8" }).stdout.trim();
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform}-${process.arch}`);
console.log(`Bun ${Bun.version}, Node ${nodeVersion}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log("| call | bun:ffi | N-API, Bun | N-API, Node | JavaScript, Bun | JavaScript, Node |");
console.log("| --- | --- | --- | --- | --- | --- |");
const kernels = ["empty", "dot", "cosine", "normalize", "topK 10,000 × 256", "topK 100,000 × 256"];
for (const kernel of kernels) {
  const cells = [
    median("bun", `${kernel} ffi`),
    median("bun", `${kernel} napi`),
    median("node", `${kernel} napi`),
    median("bun", `${kernel} plain`),
    median("node", `${kernel} plain`),
  ];
  console.log(`| ${kernel} | ${cells.join(" | ")} |`);
}
