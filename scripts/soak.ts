/**
 * `bun run soak`: the long tier, for what a test run has no time for. Runs of `patina oxidize` that are killed at random
 * moments, the drills of the index with many rounds, an index of 100,000 passages, the engine's share of indexing, an input far
 * larger than what may be held in memory, a file of the hub larger than memory should be, damaged model files and engines that
 * come and go, models of gigabytes on MLX, benchmarks with more rounds. Writes what it saw to `soak/RESULTS.md` and ends with 1
 * when a check failed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "../benchmarks/machine.ts";
import { prepare, ROOT } from "../benchmarks/prepare.ts";
import { bigInput } from "./soak/big-input.ts";
import { drills } from "./soak/drills.ts";
import { engineShare } from "./soak/engine-share.ts";
import { hubTransfer } from "./soak/hub-transfer.ts";
import { killLoop } from "./soak/kill-loop.ts";
import { largeIndex } from "./soak/large-index.ts";
import { mlxCostProgram, mlxShapes } from "./soak/mlx-shapes.ts";
import { robustness } from "./soak/robustness.ts";

/** What a part of the soak found. */
export interface Finding {
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  /** What did not hold; empty when all is well. */
  readonly failures: readonly string[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    kills: { type: "string", default: "20" },
    drills: { type: "string", default: "100" },
    megabytes: { type: "string", default: "200" },
    seconds: { type: "string", default: "300" },
    gigabytes: { type: "string", default: "5" },
    passages: { type: "string", default: "100000" },
  },
});
const folder = join(ROOT, "soak");
const say = (message: string) => console.error(`\u25b8 ${message}`);

mkdirSync(folder, { recursive: true });
const places = await prepare(say);
const findings: Finding[] = [
  await killLoop(places, atLeastOne("kills", values.kills), say),
  await largeIndex(atLeastOne("passages", values.passages), say),
  await engineShare(say),
  await drills(atLeastOne("drills", values.drills), say),
  await bigInput(places, atLeastOne("megabytes", values.megabytes), say),
  await hubTransfer(atLeastOne("gigabytes", values.gigabytes), say),
  robustness(atLeastOne("seconds", values.seconds), say),
  mlxShapes(mlxCostProgram(), say),
  benchmark(atLeastOne("rounds", values.rounds)),
];
const page = `# Soak results

Written by \`bun run soak\` on ${new Date().toISOString().slice(0, 10)}: the long tier, see \`scripts/soak.ts\`.

${machine()}

${findings.map(section).join("\n\n")}
`;
writeFileSync(join(folder, "RESULTS.md"), page);
console.log(page);
process.exit(findings.every(({ failures }) => failures.length === 0) ? 0 : 1);

function section({ title, text, failures }: Finding): string {
  const verdict =
    failures.length === 0 ? "All held." : failures.map((line) => `- FAILED: ${line}`).join("\n");
  return `## ${title}\n\n${text}\n\n${verdict}`;
}

function benchmark(rounds: number): Finding {
  const output = join(folder, "BENCHMARK.md");
  const command = [
    process.execPath,
    join(ROOT, "benchmarks/run.ts"),
    "--rounds",
    `${rounds}`,
    "--starts",
    "40",
  ];
  const { exitCode } = Bun.spawnSync([...command, "--output", output], {
    stdout: "ignore",
    stderr: "inherit",
  });
  return {
    title: "Benchmark",
    text: `The benchmark with ${rounds} rounds and 40 starts a side: [BENCHMARK.md](BENCHMARK.md).`,
    failures: exitCode === 0 ? [] : [`the benchmark ended with exit code ${exitCode}`],
  };
}

function atLeastOne(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    console.error(`error: --${option} has to be a whole number from 1, not ${value}`);
    process.exit(2);
  }
  return number;
}
