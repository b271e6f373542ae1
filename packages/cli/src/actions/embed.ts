import { existsSync } from "node:fs";
import { type EmbeddingEngine, type EmbedOptions, type TextKind, untilAborted } from "@patina/core";
import type { ModelOptions } from "../commands/options.ts";
import { AtomicFile } from "../embed/atomic-file.ts";
import { groupRecords } from "../embed/groups.ts";
import { argumentRecords, type InputFormat, streamRecords, type TextRecord } from "../embed/records.ts";
import { JsonlSink, NpySink, type VectorSink } from "../embed/sinks.ts";
import { UsageError } from "../failure.ts";
import { Interrupt } from "../interrupt.ts";
import { DEFAULT_MODEL, findProject, recipePath } from "../project.ts";
import { counted } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { warn } from "../terminal/warning.ts";
import type { ModelRequest } from "./open-model.ts";

/** Options of `patina embed`, as the command line gives them. */
export interface EmbedCommandOptions extends ModelOptions {
  readonly model?: string;
  readonly kind: TextKind;
  readonly task?: string;
  readonly dimension?: number;
  readonly input?: InputFormat;
  readonly format: "jsonl" | "npy";
  readonly output?: string;
  readonly json?: boolean;
}

/** `patina embed`: texts in, vectors out, however many there are. */
export async function embed(texts: readonly string[], options: EmbedCommandOptions): Promise<void> {
  checkUsage(texts, options);
  const records = texts.length > 0 ? portionOf(argumentRecords(texts)) : undefined;
  using interrupt = new Interrupt();
  const root = findProject();
  const defaults = await requestOf(root, options);
  await using file = options.output === undefined ? undefined : await AtomicFile.create(options.output);
  const { openModel } = await import("./open-model.ts");
  const { engine, note } = await openModel(root, {
    ...defaults,
    explainRuntime: options.explainRuntime,
    json: options.json ?? false,
    signal: interrupt.signal,
  });
  await using _ = engine;
  if (note !== null) warn("VARIANT_CHOSEN", note, options.json);
  const dimension = options.dimension ?? defaults.dimension;
  const embedOptions: EmbedOptions = {
    kind: options.kind,
    signal: interrupt.signal,
    ...(options.task === undefined ? {} : { task: options.task }),
    ...(dimension === undefined ? {} : { dimension }),
  };
  const portions = records ?? streamRecords(Bun.stdin.stream(), options.input ?? "lines");
  const tally = await embedAll(engine, portions, sinkFor(options, file), embedOptions);
  if (tally.truncated > 0) {
    const many = `${counted(tally.truncated, "text")} of ${tally.texts}`;
    const what = `longer than the model's ${engine.maxTokens} tokens and cut: see "truncated" in the results`;
    warn("TRUNCATED", `${many} ${tally.truncated === 1 ? "was" : "were"} ${what}`, options.json);
  }
  if (tally.specialTokens > 0) {
    const many = counted(tally.specialTokens, "text");
    warn(
      "SPECIAL_TOKENS",
      `${many} spelled out a special token of the model, which acts as one`,
      options.json,
    );
  }
}

interface Tally {
  texts: number;
  truncated: number;
  specialTokens: number;
}

async function embedAll(
  engine: EmbeddingEngine,
  portions: AsyncIterator<readonly TextRecord[]>,
  sink: VectorSink,
  options: EmbedOptions,
): Promise<Tally> {
  const tally: Tally = { texts: 0, truncated: 0, specialTokens: 0 };
  const groups = groupRecords(portions);
  let next = groups.next();
  for (;;) {
    const { value: group, done } = await untilAborted(next, options.signal);
    if (done) break;
    // The next group is read while this one is embedded. Should it fail, it does so when its turn comes.
    next = groups.next();
    next.catch(() => {});
    const matrix = await engine.embedBatch(
      group.map((record) => record.text),
      options,
    );
    await sink.write(group, matrix);
    tally.texts += group.length;
    for (let row = 0; row < matrix.rows; row++) {
      const report = matrix.report(row);
      if (report.truncated) tally.truncated++;
      if (report.specialTokens > 0) tally.specialTokens++;
    }
  }
  await sink.finish(options.dimension ?? engine.dimension);
  return tally;
}

function checkUsage(texts: readonly string[], options: EmbedCommandOptions): void {
  if (texts.length > 0 && options.input !== undefined) {
    throw new UsageError(
      "--input is about the standard input, and there are texts in the arguments",
      "leave one away",
    );
  }
  if (options.format === "npy" && options.output === undefined) {
    throw new UsageError("--format npy is a file of numbers: it needs --output FILE");
  }
  if (texts.length === 0 && process.stdin.isTTY) {
    throw new UsageError(
      "no texts",
      'give some as arguments (patina embed "a text") or on the standard input',
    );
  }
}

function sinkFor(options: EmbedCommandOptions, file: AtomicFile | undefined): VectorSink {
  if (file === undefined) return new JsonlSink(print, async () => {});
  if (options.format === "npy") return new NpySink(file);
  return new JsonlSink(
    (text) => file.write(text),
    () => file.commit(),
  );
}

/** The model that is asked for, or the project's, or the default. */
async function requestOf(
  root: string | undefined,
  { model, variant, runtime }: EmbedCommandOptions,
): Promise<ModelRequest & { dimension?: number }> {
  const asked = {
    ...(variant === undefined ? {} : { variant }),
    ...(runtime === undefined ? {} : { runtime }),
  };
  if (model !== undefined) return { model, ...asked };
  const recipeFile = root === undefined ? undefined : recipePath(root);
  if (recipeFile === undefined || !existsSync(recipeFile)) return { model: DEFAULT_MODEL, ...asked };
  // Only a project pays for the packages that read its recipe.
  const { loadRecipe } = await import("@patina/projections");
  const recipe = await loadRecipe(recipeFile);
  return {
    model: recipe.embeddingModel,
    variant: recipe.variant,
    tolerance: recipe.variantTolerance,
    runtime: recipe.runtime,
    ...(recipe.dimension === null ? {} : { dimension: recipe.dimension }),
    ...asked,
  };
}

async function* portionOf(records: readonly TextRecord[]): AsyncGenerator<readonly TextRecord[]> {
  yield records;
}
