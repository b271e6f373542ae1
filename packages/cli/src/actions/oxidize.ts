import { existsSync } from "node:fs";
import type { RuntimeRequest } from "@patina/core";
import {
  loadRecipe,
  type OxidizeReport,
  oxidize,
  type Recipe,
  writeDefaultRecipe,
} from "@patina/projections";
import { openRegistry } from "@patina/registry";
import { Interrupt } from "../interrupt.ts";
import { DEFAULT_MODEL, needProject, recipePath } from "../project.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import { openModel } from "./open-model.ts";
import { OxidizeProgressLine } from "./oxidize-progress.ts";
import { summary } from "./oxidize-summary.ts";

/** Options of `patina oxidize`, as the command line gives them. */
export interface OxidizeCommandOptions {
  readonly model?: string;
  /** A commit in any of git's spellings. */
  readonly at?: string;
  readonly full?: boolean;
  readonly explainRuntime?: boolean;
  readonly json?: boolean;
}

/** `patina oxidize`: the repository's text becomes a searchable index. */
export async function oxidizeRepository(options: OxidizeCommandOptions): Promise<void> {
  const line = new ProgressLine();
  // What is said on the way goes to the standard error; the standard output has the result alone.
  const say = (message: string): void => {
    line.clear();
    process.stderr.write(`${visibleLine(message)}\n`);
  };
  using interrupt = new Interrupt(() =>
    say("interrupted: finishing what is being written (again to end at once)"),
  );
  const root = needProject();
  const recipe = await recipeFor(root, options.model, say);
  const { engine, entry, variant, note } = await openModel(root, {
    model: recipe.embeddingModel,
    variant: recipe.variant,
    tolerance: recipe.variantTolerance,
    runtime: recipe.runtime,
    // A repository's text may spell out special tokens, and nobody who searches it means them.
    specialTokens: "neutralize",
    explainRuntime: options.explainRuntime,
    json: options.json ?? false,
    signal: interrupt.signal,
  });
  await using _ = engine;
  say(`embedding with ${entry.key} ${variant} on ${engine.runtime}`);
  if (note !== null) say(`note: ${note}`);
  for (const part of recipe.inactive) say(`note: the recipe's ${part} does nothing yet in this version`);

  const progress = new OxidizeProgressLine(line);
  let report: OxidizeReport;
  try {
    report = await oxidize({
      root,
      recipe,
      at: options.at,
      engine,
      model: { key: entry.key, variant },
      passageTemplate: entry.passageTemplate,
      queryTemplate: entry.queryTemplate,
      full: options.full,
      signal: interrupt.signal,
      onProgress: (event) => progress.show(event),
      onNotice: (message) => say(`note: ${message}`),
    });
  } finally {
    line.end();
  }
  if (options.json)
    await print(`${safeJson({ root, model: entry.key, variant, runtime: engine.runtime, ...report }, 2)}\n`);
  else await print(`${summary(report).join("\n")}\n`);
}

async function recipeFor(
  root: string,
  model: string | undefined,
  say: (message: string) => void,
): Promise<Recipe> {
  const file = recipePath(root);
  if (!existsSync(file)) {
    // A slip of the pen must not become the project's recipe.
    const chosen = model ?? DEFAULT_MODEL;
    (await openRegistry({ projectDir: root })).entry(chosen);
    await writeDefaultRecipe(root, chosen);
    say(`wrote ${file}: edit it to choose what is indexed, and commit it`);
  }
  const recipe = await loadRecipe(file);
  if (model === undefined || model === recipe.embeddingModel) return recipe;
  say(`embedding with ${model} for this run; the recipe says ${recipe.embeddingModel}`);
  // Variant, tolerance, runtime and dimension were written for the recipe's own model.
  const automatic: RuntimeRequest = "auto";
  const left = { variant: "auto", variantTolerance: null, runtime: automatic, dimension: null };
  return { ...recipe, ...left, embeddingModel: model };
}
