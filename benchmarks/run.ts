/** `bun run bench [PART…] [options]`: measures, and writes RESULTS.json, .md and .svg. `--help` lists the options. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Context } from "./contest.ts";
import { machine } from "./machine.ts";
import { MEASUREMENTS, ON_REQUEST } from "./measurements.ts";
import { plot } from "./plot.ts";
import { prepare } from "./prepare.ts";
import { report } from "./report.ts";
import { addResult, readResults } from "./results.ts";
import { benchSearch } from "./search/run.ts";

const IDS = MEASUREMENTS.map(({ id }) => id);
const USAGE = `bun run bench [PART…] [--quick] [--rounds N] [--starts N] [--patience SECONDS] [--output FILE.md]
bun run bench search [--help]: how well the search finds

PART       ${IDS.join(", ")}; without any: all but ${[...ON_REQUEST].join(", ")}.
           Parts that do not run keep their earlier results. "page" writes the page anew and measures nothing.
--quick    few texts and one round: a look in a few minutes
--rounds   interleaved rounds (5; quick: 1)
--starts   starts a side of the start-up measurement (15; quick: 5)
--patience seconds to wait for a quiet machine before each pass (60; quick: 2)
--output   the page; .json and .svg lie beside it (benchmarks/RESULTS.md)`;

async function main(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) return console.log(USAGE);
  const unknown = positionals.find((part) => part !== "page" && !IDS.includes(part));
  if (unknown !== undefined) usage(`there is no part ${unknown}`);
  if (!values.output.endsWith(".md")) usage(`--output has to end in .md, not ${values.output}`);
  const { quick } = values;
  const beside = (extension: string) => values.output.replace(/md$/, extension);
  const numbers = {
    rounds: count("rounds", values.rounds ?? (quick ? "1" : "5")),
    starts: count("starts", values.starts ?? (quick ? "5" : "15")),
    patience: count("patience", values.patience ?? (quick ? "2" : "60")),
  };
  const say = (message: string) => console.error(`\u25b8 ${message}`);
  const parts = MEASUREMENTS.filter(({ id }) =>
    positionals.length === 0 ? !ON_REQUEST.has(id) : positionals.includes(id),
  );
  if (parts.length > 0) {
    const prepared = await prepare(say);
    // Of this run alone: two at once must not read each other's work and vectors.
    const folder = mkdtempSync(join(prepared.folder, "run-"));
    try {
      const context: Context = { places: { ...prepared, folder }, quick, ...numbers, say };
      for (const measurement of parts) {
        const data = await measurement.measure(context);
        const when = new Date().toISOString();
        const result = { when, machine: machine(), rounds: numbers.rounds, quick, data };
        addResult(beside("json"), measurement.id, result);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const { page, charts } = report(readResults(beside("json")), {
    numbers: basename(beside("json")),
    plot: basename(beside("svg")),
  });
  writeFileSync(values.output, page);
  writeFileSync(beside("svg"), plot(charts));
  console.log(page);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        rounds: { type: "string" },
        starts: { type: "string" },
        patience: { type: "string" },
        output: { type: "string", default: join(import.meta.dir, "RESULTS.md") },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function count(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    usage(`--${option} has to be a whole number from 1, not ${value}`);
  return number;
}

function usage(problem: string): never {
  console.error(`error: ${problem}\n\n${USAGE}`);
  process.exit(2);
}

// Of another kind, with a page and options of its own: it measures no time.
if (process.argv[2] === "search") await benchSearch(process.argv.slice(3));
else await main();
