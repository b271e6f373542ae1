import { EXIT } from "../failure.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";
import { modelRows, modelTable } from "./model-list.ts";

/** `patina model search`: the models that fit, the best first. Exits with 1 when none does. */
export async function searchModels(words: string, options: JsonOptions): Promise<void> {
  const registry = await openProjectRegistry();
  const { hits, suggestion } = registry.search(words);
  if (hits.length === 0) process.exitCode = EXIT.negative;
  const entries = hits.map(({ entry }) => entry);
  if (options.json) {
    const models = await modelRows(registry, entries);
    return print(`${safeJson({ models, suggestion: suggestion ?? null }, 2)}\n`);
  }
  if (entries.length > 0) return print(await modelTable(registry, entries));
  const hint =
    suggestion === undefined
      ? "`patina model list` shows all, `patina model import` brings others"
      : `did you mean ${suggestion}?`;
  return print(visibleLine(`no model fits ${JSON.stringify(words)}; ${hint}`).concat("\n"));
}
