/** `bun run bench search`: how well the search finds. Writes SEARCH.json, SEARCH.md and SEARCH.svg. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "../machine.ts";
import type { Chart } from "../measurement.ts";
import { plot } from "../plot.ts";
import { ROOT } from "../prepare.ts";
import type { Mean } from "./figures.ts";
import { measure, type SearchData } from "./measure.ts";
import { type Circumstances, searchPage } from "./page.ts";

const USAGE = `bun run bench search [--forms] [--page] [--output FILE.md]

Measures on labelled sets ($PATINA_DATASETS, a folder of BEIR sets), on this repository's history and on those of other
repositories ($PATINA_HISTORIES, a folder of clones). Embeddings are kept in target/benchmarks/search between runs.
--forms    tries forms of passages as well, which embeds every repository seven times the first time
--page     the page again from SEARCH.json, nothing measured
--output   the page; .json and .svg lie beside it (benchmarks/SEARCH.md)`;

/** SEARCH.json. */
interface SearchFile extends Circumstances {
  readonly data: SearchData;
}

/** Runs the command with what stands after `search`. */
export async function benchSearch(parameters: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      help: { type: "boolean", default: false },
      forms: { type: "boolean", default: false },
      page: { type: "boolean", default: false },
      output: { type: "string", default: join(ROOT, "benchmarks/SEARCH.md") },
    },
  });
  if (values.help) return console.log(USAGE);
  const beside = (extension: string) => values.output.replace(/md$/, extension);
  if (!values.page) await measureInto(beside("json"), values.forms);
  const { data, ...circumstances } = JSON.parse(readFileSync(beside("json"), "utf8")) as SearchFile;
  const page = searchPage(data, circumstances);
  writeFileSync(values.output, page);
  writeFileSync(beside("svg"), plot(charts(data)));
  console.log(page);
}

async function measureInto(file: string, forms: boolean): Promise<void> {
  const say = (message: string) => console.error(`\u25b8 ${message}`);
  const { PATINA_DATASETS: datasets, PATINA_HISTORIES: histories } = process.env;
  const folder = (variable: string, value: string | undefined, without: string): string | null => {
    if (value === undefined || value === "") {
      say(`${variable} is not set: ${without}`);
      return null;
    }
    if (!existsSync(value)) throw new Error(`${variable} names ${value}, which is not there`);
    return value;
  };
  const data = await measure({
    datasets: folder("PATINA_DATASETS", datasets, "only repositories are measured"),
    histories: folder("PATINA_HISTORIES", histories, "of repositories only this one is measured"),
    own: ROOT,
    forms,
    say,
  });
  const circumstances = {
    when: new Date().toISOString(),
    machine: machine(),
    command: `bun run bench search${forms ? " --forms" : ""}`,
  };
  const result: SearchFile = { ...circumstances, data };
  writeFileSync(file, `${JSON.stringify(result, rounded)}\n`);
}

/** Five digits: an interval over hundreds of queries is worth no more. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

function charts({ tasks }: SearchData): Chart[] {
  return tasks.map(({ name, figures: { fullText, vectors, equal, chosen } }) => {
    const bar = (label: string, { mean, low, high }: Mean, own: boolean) => ({
      ...{ label, value: mean, from: low, to: high, own },
    });
    return {
      title: name,
      unit: "nDCG@10 on test queries, 95 % interval",
      bars: [
        bar("full-text", fullText.ndcg, false),
        bar("vectors", vectors.ndcg, false),
        bar("equal weights, k = 60", equal.ndcg, false),
        bar("chosen", chosen.ndcg, true),
      ],
    };
  });
}
