import type { ModelEntry, ModelStatus, Registry } from "@patina/registry";
import { table } from "../terminal/layout.ts";
import { count } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { styleFor } from "../terminal/style.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** `patina model list`: what there is to choose from. */
export async function listModels(options: JsonOptions): Promise<void> {
  const registry = await openProjectRegistry();
  const models = registry.models();
  if (options.json) return print(`${safeJson({ models: await modelRows(registry, models) }, 2)}\n`);
  return print(await modelTable(registry, models));
}

/** Models with a line each, in the order they are given. */
export async function modelTable(registry: Registry, models: readonly ModelEntry[]): Promise<string> {
  const installed = await installedByKey(registry);
  const [head = "", ...rows] = table(
    [
      { title: "KEY" },
      { title: "DIMENSIONS", align: "right" },
      { title: "MAX TOKENS", align: "right" },
      { title: "RUNTIMES" },
      { title: "LICENCE" },
      { title: "INSTALLED" },
    ],
    models.map((entry) => [
      visibleLine(entry.key),
      entry.minDimension === undefined ? String(entry.dimension) : `${entry.minDimension}-${entry.dimension}`,
      count(entry.maxTokens),
      entry.runtimes.join(" "),
      visibleLine(entry.license),
      (installed.get(entry.key) ?? []).map(label).join(", ") || "-",
    ]),
  );
  return `${[styleFor(process.stdout).bold(head), ...rows].join("\n")}\n`;
}

/** Models as a program reads them, in the order they are given. */
export async function modelRows(registry: Registry, models: readonly ModelEntry[]): Promise<object[]> {
  const installed = await installedByKey(registry);
  return models.map((entry) => ({
    ...facts(entry),
    installed: (installed.get(entry.key) ?? []).map(({ variant, runtime, size, folder }) => ({
      ...{ variant, runtime, size, folder },
    })),
  }));
}

async function installedByKey(registry: Registry): Promise<Map<string, ModelStatus[]>> {
  const statuses = await registry.status();
  return Map.groupBy(
    statuses.filter(({ state }) => state === "installed"),
    ({ key }) => key,
  );
}

function label({ variant, runtime }: ModelStatus): string {
  return `${variant} (${runtime})`;
}

function facts(entry: ModelEntry): object {
  const { key, name, description, license, architecture, dimension, minDimension, maxTokens } = entry;
  const { runtimes, aliases, origin, trusted } = entry;
  const variants = entry.variants.map((variant) => ({
    variant: variant.name,
    runtime: variant.runtime,
    numerics: variant.numerics ?? null,
    quality: variant.quality ?? null,
  }));
  return {
    ...{
      key,
      name,
      description,
      license,
      architecture,
      dimension,
      minDimension: minDimension ?? null,
      maxTokens,
    },
    ...{ runtimes, variants, aliases, origin, trusted },
  };
}
