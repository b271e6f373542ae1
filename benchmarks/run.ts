/** `bun run bench [--rounds N] [--starts N] [--patience SECONDS] [--output FILE]`: measures, and writes what it measured to RESULTS.md beside this file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepare } from "./prepare.ts";
import { report } from "./report.ts";
import { measureStartup } from "./startup.ts";
import { measureThroughput } from "./throughput.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    starts: { type: "string", default: "15" },
    patience: { type: "string", default: "60" },
    output: { type: "string", default: join(import.meta.dir, "RESULTS.md") },
  },
});
const rounds = count("rounds", values.rounds);
const starts = count("starts", values.starts);
const patience = count("patience", values.patience);
const say = (message: string) => console.error(`\u25b8 ${message}`);

const places = await prepare(say);
say(`start-up, ${starts} starts a side`);
const startup = await measureStartup(places, starts, patience);
const throughput = [
  await measureThroughput(places, "fp32", rounds, patience, say),
  await measureThroughput(places, "q8", rounds, patience, say),
];
const page = report(throughput, startup, new Date());
writeFileSync(values.output, page);
console.log(page);

function count(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    console.error(`error: --${option} has to be a whole number from 1, not ${value}`);
    process.exit(2);
  }
  return number;
}
