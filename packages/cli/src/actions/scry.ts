import {
  type CommitMark,
  openIndex,
  type PassageKind,
  recordSearch,
  type SearchAnswer,
  type SearchFilters,
  type SearchIndex,
} from "@patina/projections";
import { UsageError } from "../failure.ts";
import { needProject } from "../project.ts";
import { explanation, nothingFound, type Timings } from "../scry/explanation.ts";
import { type Question, questionOf } from "../scry/question.ts";
import { resultText } from "../scry/result-text.ts";
import { labelled } from "../terminal/layout.ts";
import { Matches } from "../terminal/matches.ts";
import { counted } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { page } from "../terminal/pager.ts";
import { styleFor, widthOf } from "../terminal/style.ts";
import { safeJson } from "../terminal/visible.ts";
import { warn } from "../terminal/warning.ts";

/** Options of `patina scry`, as the command line gives them. */
export interface ScryCommandOptions {
  readonly limit: number;
  readonly kind?: readonly PassageKind[];
  readonly path?: readonly string[];
  readonly author?: string;
  readonly since?: string;
  readonly until?: string;
  readonly hide?: readonly CommitMark[];
  readonly file?: string;
  readonly like?: string;
  readonly only?: "full-text" | "vectors";
  readonly open?: number | true;
  readonly explain?: boolean;
  readonly pager: boolean;
  readonly json?: boolean;
}

/** `patina scry`: what the index holds about a query, about lines like others, or about a file. */
export async function scry(words: readonly string[], options: ScryCommandOptions): Promise<void> {
  const started = performance.now();
  const root = needProject();
  const question = questionOf(words, options, root);
  if (options.open !== undefined && options.json)
    throw new UsageError("--open prints nothing: leave out --json");
  if (question.kind === "file" && options.only !== undefined)
    throw new UsageError("--only chooses between the lists of a query; --file has others");
  const index = await openIndex(root);
  try {
    const opened = performance.now();
    const { answer, model } = await answerTo(question, index, root, options);
    const timings = { start: started, index: opened - started, model, ...answer.timings };
    tellWarnings(answer, options);
    remember(() => recordSearch(root, answer), options);
    if (options.open !== undefined) await open(root, answer, options.open === true ? 1 : options.open);
    else if (options.json) await print(`${safeJson(toJson(index, answer, timings, options), 2)}\n`);
    else await page(toText(question, index, answer, timings, options), options.pager);
  } finally {
    index.close();
  }
}

/** Asks the index; the model is opened where vectors are asked for a text, and how long that took is told. */
async function answerTo(
  question: Question,
  index: SearchIndex,
  root: string,
  options: ScryCommandOptions,
): Promise<{ answer: SearchAnswer; model: number }> {
  const { limit, only } = options;
  const filters = filtersOf(options);
  if (question.kind === "file") return { answer: index.related(question.path, { limit, filters }), model: 0 };
  const weights = only === undefined ? undefined : { "full-text": 0, vectors: 0, history: 0, [only]: 1 };
  const ask = (engine: object): Promise<SearchAnswer> => {
    const asked = { limit, filters, weights, ...engine };
    return question.kind === "query" ? index.ask(question.text, asked) : index.like(question.place, asked);
  };
  if ((weights ?? index.manifest.search.weights).vectors === 0) return { answer: await ask({}), model: 0 };
  const started = performance.now();
  const { openModel } = await import("./open-model.ts");
  const { model, specialTokens } = index.manifest;
  // The index says which model made it; another one, however similar, is never asked.
  const opened = await openModel(root, {
    model: model.key,
    variant: model.variant,
    runtime: model.runtime,
    specialTokens,
    json: options.json ?? false,
  });
  await using engine = opened.engine;
  const took = performance.now() - started;
  // An entry may have changed since: queries then meet passages that were embedded under another template.
  const answer = await ask({ engine, passageTemplate: opened.entry.passageTemplate ?? null });
  return { answer, model: took };
}

function filtersOf({ kind, path, author, since, until, hide }: ScryCommandOptions): SearchFilters {
  return { kinds: kind, paths: path, author, since, until, hide };
}

function tellWarnings(answer: SearchAnswer, { json }: ScryCommandOptions): void {
  if (answer.truncated)
    warn("TRUNCATED", "the text is longer than the model takes: its vector is of its beginning", json);
  if ("textFrom" in answer && answer.textFrom === "index")
    warn("FROM_INDEX", "the file is not in the working tree: its text is taken from the index", json);
}

/** A search that cannot be remembered is answered all the same. */
function remember(record: () => void, { json }: ScryCommandOptions): void {
  try {
    record();
  } catch (error) {
    const why = (error as Error).message;
    warn("NOT_REMEMBERED", `\`patina feedback\` cannot name these results: ${why}`, json);
  }
}

async function open(root: string, { results }: SearchAnswer, rank: number): Promise<void> {
  const result = results[rank - 1];
  if (result === undefined) {
    const found = counted(results.length, "result was", "results were");
    throw new UsageError(`there is no result ${rank} to open: ${found} found`);
  }
  const { openResult } = await import("../scry/open-result.ts");
  await openResult(root, result);
}

function toJson(
  index: SearchIndex,
  answer: SearchAnswer,
  timings: Timings,
  options: ScryCommandOptions,
): object {
  const { query, generation, results, weights, weightsFrom, lead, filtered, truncated, lists, words } =
    answer;
  return {
    query,
    model: index.manifest.model.key,
    generation,
    ...{ weights, weightsFrom, lead, filtered, truncated },
    results: results.map((result, position) => ({ rank: position + 1, ...result })),
    ...(options.explain ? { explain: { lists, words, timings } } : {}),
  };
}

function toText(
  question: Question,
  index: SearchIndex,
  answer: SearchAnswer,
  timings: Timings,
  options: ScryCommandOptions,
): string {
  const style = styleFor(process.stdout);
  const width = widthOf(process.stdout);
  const explain = options.explain === true;
  const { model } = index.manifest;
  const matches = new Matches(shownWords(answer, question));
  const layout = { matches, width, style, explain };
  const results = answer.results.map((result, position) => resultText(result, position + 1, layout));
  const how = explain
    ? [
        labelled(
          explanation(answer, `${model.key} ${model.variant} on ${model.runtime}`, timings),
          width,
          style,
        ),
      ]
    : [];
  const found = results.length === 0 ? nothingFound(answer) : `${results.join("\n\n")}\n`;
  return [found, ...how.map((lines) => `${lines.join("\n")}\n`)].join("\n");
}

/** The words that results may show; short ones (“how”, “is”) only where there is no other. Of a file, its name's. */
function shownWords({ words, query }: SearchAnswer, question: Question): readonly string[] {
  const text = question.kind === "file" ? question.path.slice(question.path.lastIndexOf("/") + 1) : query;
  const all = words?.sought ?? text.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
  const telling = all.filter((word) => word.length > 3);
  return telling.length > 0 ? telling : all;
}
