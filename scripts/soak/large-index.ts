/**
 * An index of 100,000 passages: what building, opening and searching it takes, and what a second run does after a one-line
 * change. The vectors are synthetic; the model that embeds queries, and the changed passage, is real.
 */
import { appendFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "@patina/engine";
import { loadRecipe, openIndex, oxidize, writeDefaultRecipe } from "@patina/projections";
import { openRegistry } from "@patina/registry";
import { machine } from "../../benchmarks/machine.ts";
import { MODEL } from "../../benchmarks/models.ts";
import { ROOT } from "../../benchmarks/prepare.ts";
import { type Spread, spread } from "../../benchmarks/statistics.ts";
import { benchmarkQueries } from "../../benchmarks/texts.ts";
import type { Finding } from "../soak.ts";
import { runJson, timed } from "./command.ts";
import { commitAll, pythonRepository } from "./repositories.ts";
import { synthetic } from "./synthetic-engine.ts";

/** What is promised, in milliseconds. */
const MOST_COLD_SCRY = 1_000;
const MOST_SEARCH = 20;
const MOST_SECOND_RUN = 2_000;

const COLD_RUNS = 10;
const QUERIES = 200;

/** Files that make about so many passages; the first run says how many. */
const PASSAGES_A_FILE = 19;

/** Builds the index and measures. */
export async function largeIndex(passages: number, say: (message: string) => void): Promise<Finding> {
  const folder = join(ROOT, "target/soak/large");
  const home = join(ROOT, "target/soak/home");
  const registry = await openRegistry({ home });
  await registry.add(MODEL, { variant: "int8" });
  const spec = await registry.resolve(MODEL, { variant: "int8" });
  await using engine = await openEngine(spec, { specialTokens: "neutralize" });
  const failures: string[] = [];
  const lines: string[] = [];

  say(`a repository of some ${passages} passages`);
  pythonRepository(folder, Math.ceil(passages / PASSAGES_A_FILE));
  const recipe = await loadRecipe(await writeDefaultRecipe(folder, MODEL));
  const build = async (dimension: number) => {
    rmSync(join(folder, ".patina/local"), { recursive: true, force: true });
    return oxidize({
      root: folder,
      recipe,
      engine: synthetic(engine, dimension),
      model: { key: MODEL, variant: "int8" },
      passageTemplate: registry.entry(MODEL).passageTemplate,
      queryTemplate: registry.entry(MODEL).queryTemplate,
    });
  };
  const queries = benchmarkQueries(QUERIES);
  for (const dimension of [256, 1024, engine.dimension]) {
    say(`${dimension} numbers a vector: build`);
    const report = await build(dimension);
    const searched = await search(folder, synthetic(engine, dimension), queries);
    lines.push(
      `- ${dimension} numbers: ${report.passages} passages built in ${report.seconds.toFixed(1)} s; ` +
        `${megabytes(sizeOf(join(folder, ".patina/local/generations")))} of index, ${megabytes(sizeOf(join(folder, ".patina/local/cache.sqlite")))} of cache; ` +
        `a search in a process that runs, ${QUERIES} queries: ${printed(searched)}.`,
    );
    if (searched.median > MOST_SEARCH)
      failures.push(`a search with ${dimension} numbers took ${searched.median.toFixed(1)} ms`);
  }

  say("cold searches");
  const cold = repeat(COLD_RUNS, (run) => timed(home, folder, ["scry", queries[run] as string, "--json"]));
  const alone = spread(await searchesAlone(home, folder, queries.slice(0, COLD_RUNS)));
  const start = repeat(COLD_RUNS, () => timed(home, folder, ["embed", "hello", "--model", MODEL]));
  lines.push(
    `- Cold \`patina scry\` with ${MODEL}: ${printed(cold)}, of which the search itself: ${printed(alone)}; ` +
      `\`patina embed hello\`, which starts and loads the same model: ${printed(start)}.`,
  );
  if (cold.median > MOST_COLD_SCRY) failures.push(`a cold scry took ${cold.median.toFixed(0)} ms`);

  say("second runs");
  const changed = repeat(5, (run) => {
    appendFileSync(join(folder, "package_7/module_7.py"), `\n# a line more: ${run}\n`);
    return timed(home, folder, ["oxidize", "--json"]);
  });
  commitAll(folder, "A line more");
  const committed = repeat(1, () => timed(home, folder, ["oxidize", "--json"]));
  const nothing = repeat(5, () => timed(home, folder, ["oxidize", "--json"]));
  lines.push(
    `- \`patina oxidize\` after a line was added: ${printed(changed)}, start-up included; after a commit ` +
      `${printed(committed)}; with nothing to do ${printed(nothing)}.`,
  );
  const beside = changed.median - start.median;
  if (beside > MOST_SECOND_RUN)
    failures.push(`a second oxidize took ${beside.toFixed(0)} ms beside start-up`);
  return { title: `An index of ${passages} passages`, text: lines.join("\n"), failures };
}

/** Milliseconds of each search, the first ones left out. */
async function search(
  folder: string,
  engine: ReturnType<typeof synthetic>,
  queries: readonly string[],
): Promise<Spread & { readonly p95: number }> {
  using index = await openIndex(folder);
  const times: number[] = [];
  for (const query of queries) {
    const begin = performance.now();
    await index.search(query, { engine });
    times.push(performance.now() - begin);
  }
  const warm = times.slice(10).sort((a, b) => a - b);
  return { ...spread(warm), p95: warm[Math.floor(warm.length * 0.95)] as number };
}

/** What of cold runs of the command is the search itself: neither start-up, nor opening index and model, nor the embedding. */
async function searchesAlone(home: string, folder: string, queries: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const query of queries) {
    const answer = (await runJson({ home }, folder, ["scry", query, "--explain"])) as {
      explain: { timings: Readonly<Record<string, number>> };
    };
    const { filters = 0, vectors = 0, history = 0, fusion = 0, ...others } = answer.explain.timings;
    times.push(filters + (others["full-text"] ?? 0) + vectors + history + fusion);
  }
  return times;
}

/** Milliseconds of so many runs. */
function repeat(runs: number, run: (number: number) => number): Spread {
  return spread(Array.from({ length: runs }, (_, number) => run(number)));
}

/** Bytes of a file, or of all below a folder. */
function sizeOf(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const printed = ({ median, least, most, p95 }: Spread & { p95?: number }) =>
  `median ${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)}${p95 === undefined ? "" : `, 95 % within ${p95.toFixed(1)}`})`;

if (import.meta.main) {
  const passages = Number(process.argv[2] ?? 100_000);
  const { title, text, failures } = await largeIndex(passages, (message) => console.error(`▸ ${message}`));
  console.log(
    `## ${title}\n\n${machine()}\n\n${text}\n\n${failures.map((line) => `- FAILED: ${line}`).join("\n")}`,
  );
  process.exit(failures.length === 0 ? 0 : 1);
}
