import { existsSync } from "node:fs";
import { PatinaError, untilAborted } from "@patina/core";
import { PROBE_PASSAGES, projectProbe } from "@patina/evaluation";
import { loadRecipe, parseRecipe, type Recipe } from "@patina/projections";
import type { ModelEntry } from "@patina/registry";
import { type InputFormat, streamRecords } from "../embed/records.ts";
import { UsageError } from "../failure.ts";
import { findProject, recipePath } from "../project.ts";
import { count } from "../terminal/numbers.ts";

/** Which texts the command line asks for. */
export interface TextsOptions {
  /** A file, or `-`. */
  readonly texts?: string;
  readonly input?: InputFormat;
}

/** Texts to compare runtimes on. */
export interface BenchTexts {
  readonly texts: readonly string[];
  /** Where they are from, for people. */
  readonly source: string;
}

/**
 * The texts that were given, else passages of the project one is in, cut as its index would cut them for this model.
 *
 * @throws UsageError where there are none; PatinaError `INVALID_INPUT`, `IO`, `NOT_A_REPOSITORY`, `ABORTED`.
 */
export async function textsFor(
  entry: ModelEntry,
  { texts: file, input }: TextsOptions,
  signal: AbortSignal,
  onPassages: (passages: number) => void,
): Promise<BenchTexts> {
  if (file !== undefined) return given(file, input, signal);
  if (input !== undefined) {
    throw new UsageError("--input says how --texts holds texts, and there is no --texts", "add --texts FILE");
  }
  const root = findProject();
  if (root === undefined) {
    throw new UsageError(
      `no texts: ${process.cwd()} is in no project whose passages could be taken`,
      "give some with --texts FILE, a text a line, or go into a git repository",
    );
  }
  const { texts, passages } = await projectProbe({
    root,
    recipe: await recipeOf(root, entry),
    maxTokens: entry.maxTokens,
    signal,
    onPassages,
  });
  const source =
    passages <= PROBE_PASSAGES
      ? `all ${count(passages)} passages of ${root}`
      : `${count(texts.length)} of the ${count(passages)} passages of ${root}, the first by their digests`;
  return enough({ texts, source });
}

async function given(file: string, input: InputFormat | undefined, signal: AbortSignal): Promise<BenchTexts> {
  const format = input ?? (file.endsWith(".jsonl") ? "jsonl" : "lines");
  if (file !== "-" && !existsSync(file)) {
    throw new PatinaError("IO", `there is no file ${file}; --texts takes a file with a text a line, or -`, {
      file,
    });
  }
  const texts: string[] = [];
  const portions = streamRecords((file === "-" ? Bun.stdin : Bun.file(file)).stream(), format);
  for (;;) {
    const { value, done } = await untilAborted(portions.next(), signal);
    if (done) break;
    texts.push(...value.map(({ text }) => text));
  }
  return enough({ texts, source: file === "-" ? "the standard input" : file });
}

function enough(texts: BenchTexts): BenchTexts {
  if (texts.texts.length >= 2) return texts;
  throw new PatinaError(
    "INVALID_INPUT",
    `${texts.source} is too little: runtimes are compared on two texts or more; give some with --texts FILE`,
  );
}

/** A project that was never indexed is read as a recipe with nothing but a model has it. */
async function recipeOf(root: string, { key }: ModelEntry): Promise<Recipe> {
  const file = recipePath(root);
  return existsSync(file) ? loadRecipe(file) : parseRecipe(`embedding_model: ${JSON.stringify(key)}`, file);
}
