/** SIGKILL at random moments of `patina oxidize`: nothing that was cached is lost, searches keep working. */
import { Database } from "bun:sqlite";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MODEL } from "../../benchmarks/models.ts";
import { demand, type Places } from "../../benchmarks/prepare.ts";
import { spread } from "../../benchmarks/statistics.ts";
import { benchmarkTexts } from "../../benchmarks/texts.ts";
import type { Finding } from "../soak.ts";
import { runJson, start } from "./command.ts";

/** New texts that each run has to embed: several commits of the cache, so that a kill lands between two. */
const TEXTS_A_RUN = 300;

interface Oxidized {
  readonly generation: string;
  readonly embedded: number;
}

/** Kills `kills` runs, looking after each at what a user would still have. */
export async function killLoop(
  places: Places,
  kills: number,
  say: (message: string) => void,
): Promise<Finding> {
  const texts = benchmarkTexts(TEXTS_A_RUN);
  const repository = join(places.folder, "soak-repository");
  rmSync(repository, { recursive: true, force: true });
  mkdirSync(repository, { recursive: true });
  demand(["git", "init", "--quiet", repository]);
  const write = (round: number) => {
    // The number makes every text new to the cache.
    const body = texts.map((text) => `# round ${round}\n${text}\n`).join("\n");
    writeFileSync(join(repository, `functions_${round}.py`), body);
    demand(["git", "-C", repository, "add", "."]);
  };

  write(0);
  const begin = performance.now();
  let current = (await oxidize(places, repository)).generation;
  const whole = performance.now() - begin;
  const failures: string[] = [];
  const moments: number[] = [];
  let swapped = 0;
  let interruptedTexts = 0;
  let cached = cachedTexts(repository);
  for (let round = 1; round <= kills; round++) {
    write(round);
    const moment = Math.random() * whole;
    const child = start(places, repository, ["oxidize"], "ignore");
    const timer = setTimeout(() => child.kill("SIGKILL"), moment);
    await child.exited;
    clearTimeout(timer);
    moments.push(moment);

    const { problem, rows } = lookAtCache(repository);
    if (problem !== undefined)
      failures.push(`kill ${round} at ${moment.toFixed(0)} ms: the cache: ${problem}`);
    if (rows < cached) failures.push(`kill ${round}: the cache went from ${cached} texts to ${rows}`);
    interruptedTexts += rows - cached;
    cached = rows;
    const generation = await search(places, repository);
    // The one before, or the run's own where the signal came after the swap.
    if (generation !== current) swapped++;
    current = generation;
    say(`kill ${round} of ${kills} at ${moment.toFixed(0)} ms: ${rows} texts cached, searchable`);
  }
  const last = await oxidize(places, repository);
  const again = await oxidize(places, repository);
  if (again.embedded !== 0) failures.push(`a second complete run embedded ${again.embedded} texts`);
  if (last.embedded + cached > cachedTexts(repository))
    failures.push("a text that was cached was embedded again");

  const { median, least, most } = spread(moments);
  return {
    title: "Killed runs of `patina oxidize`",
    text:
      `${kills} runs over new texts, each sent SIGKILL at a random moment (median ${median.toFixed(0)} ms, ` +
      `${least.toFixed(0)} to ${most.toFixed(0)} ms after its start; ${swapped} had swapped their generation in by then). After each the cache passed ` +
      "SQLite's integrity check and had lost no text, and `patina scry` answered from a whole generation. " +
      `The killed runs left ${interruptedTexts} texts in the cache; the run after them embedded the ` +
      `${last.embedded} that were missing, the one after that ${again.embedded}.`,
    failures,
  };
}

async function oxidize(places: Places, repository: string): Promise<Oxidized> {
  return (await runJson(places, repository, ["oxidize", "--model", MODEL])) as Oxidized;
}

/** Searches, and returns the generation that answered. */
async function search(places: Places, repository: string): Promise<string> {
  const answer = (await runJson(places, repository, ["scry", "parse a header", "--limit", "3"])) as {
    generation: string;
    results: unknown[];
  };
  if (answer.results.length === 0) throw new Error(`${repository}: a search found nothing`);
  return answer.generation;
}

function cachedTexts(repository: string): number {
  return lookAtCache(repository).rows;
}

/** The cache as SQLite alone sees it. */
function lookAtCache(repository: string): { problem: string | undefined; rows: number } {
  using database = new Database(join(repository, ".patina/local/cache.sqlite"));
  const { integrity_check: verdict } = database.query("PRAGMA integrity_check").get() as {
    integrity_check: string;
  };
  const { rows } = database.query("SELECT count(*) AS rows FROM embeddings").get() as { rows: number };
  return { problem: verdict === "ok" ? undefined : verdict, rows };
}
