import type { PassageKind, SearchResult } from "@patina/projections";
import { UsageError } from "../failure.ts";
import { needProject } from "../project.ts";
import { fit, fitEnd } from "../terminal/layout.ts";
import { print } from "../terminal/output.ts";
import { highlight, queryWords, snippet } from "../terminal/snippet.ts";
import { type Style, styleFor, widthOf } from "../terminal/style.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";

/** Options of `patina scry`, as the command line gives them. */
export interface ScryCommandOptions {
  readonly limit: number;
  readonly kind?: readonly PassageKind[];
  readonly explain?: boolean;
  readonly json?: boolean;
}

/** Lines of text shown of each result. */
const SNIPPET_LINES = 3;

/** `patina scry`: what the index holds about a query. */
export async function scry(query: string, options: ScryCommandOptions): Promise<void> {
  if (query.trim() === "") throw new UsageError("the query is empty");
  const root = needProject();
  const [{ openIndex }, { openModel }] = await Promise.all([
    import("@patina/projections"),
    import("./open-model.ts"),
  ]);
  const index = await openIndex(root);
  try {
    const { id: generation, model } = index.manifest;
    // The index says which model made it; another one, however similar, is never asked.
    const opened = await openModel(root, {
      model: model.key,
      variant: model.variant,
      runtime: model.runtime,
      specialTokens: index.manifest.specialTokens,
      json: options.json ?? false,
    });
    await using engine = opened.engine;
    const results = await index.search(query, {
      engine,
      // An entry may have changed since: queries then meet passages that were embedded under another template.
      passageTemplate: opened.entry.passageTemplate ?? null,
      limit: options.limit,
      filters: { kinds: options.kind },
    });
    if (options.json) await print(`${safeJson(toJson(query, generation, model.key, results), 2)}\n`);
    else await print(toText(query, results, options.explain === true));
  } finally {
    index.close();
  }
}

function toJson(query: string, generation: string, model: string, results: readonly SearchResult[]): object {
  return {
    query,
    model,
    generation,
    results: results.map((result, position) => ({ rank: position + 1, ...result })),
  };
}

function toText(query: string, results: readonly SearchResult[], explain: boolean): string {
  const style = styleFor(process.stdout);
  const width = widthOf(process.stdout);
  const words = queryWords(query);
  if (results.length === 0) return "nothing found\n";
  const blocks = results.map((result, position) => {
    const lines = [headline(result, position + 1, width, style)];
    const title = titleOf(result);
    if (title !== undefined) lines.push(`    ${style.bold(fit(title, width - 4))}`);
    for (const line of snippet(bodyOf(result), words, SNIPPET_LINES, width - 6)) {
      lines.push(`    ${style.dim("│")} ${highlight(line, words, style)}`);
    }
    if (explain) lines.push(`    ${style.dim(fit(whyOf(result), width - 4))}`);
    return lines.join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

/** `1  src/retry.ts:10-34  0.0325`; where it is too long, the path loses its beginning and keeps file and lines. */
function headline(result: SearchResult, rank: number, width: number, style: Style): string {
  const number = String(rank).padStart(2);
  const score = result.score.toFixed(4);
  const place = fitEnd(placeOf(result), width - number.length - score.length - 4);
  return `${style.dim(number)}  ${style.cyan(place)}  ${style.dim(score)}`;
}

function placeOf({ path, startLine, endLine, commit, time }: SearchResult): string {
  if (path === null) return `${(commit ?? "").slice(0, 10)}${time === null ? "" : ` ${dateOf(time)}`}`;
  const lines = startLine === null ? "" : `:${startLine}${endLine === startLine ? "" : `-${endLine}`}`;
  return `${visibleLine(path)}${lines}${time === null ? "" : ` ${dateOf(time)}`}`;
}

function dateOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}

/** The title, unless it only repeats the path. */
function titleOf({ title, path }: SearchResult): string | undefined {
  return title === "" || title === path ? undefined : visibleLine(title);
}

/** The text without the lines that it begins with and that stand above it already: its path and its title. */
function bodyOf({ text, path, title }: SearchResult): string {
  return [path, title].reduce<string>((body, line) => {
    return line !== null && `${body}\n`.startsWith(`${line}\n`) ? body.slice(line.length + 1) : body;
  }, text);
}

function whyOf({ why }: SearchResult): string {
  return why.map(({ list, rank, score }) => `${list}: rank ${rank}, score ${score.toFixed(4)}`).join("; ");
}
