import type { ImportAnswers, ImportReport } from "@patina/registry";
import { Interrupt } from "../interrupt.ts";
import { labelled } from "../terminal/layout.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { type Style, styleFor, widthOf } from "../terminal/style.ts";
import { safeJson, visible, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** Options of `patina model import`. */
export interface ImportModelOptions extends JsonOptions, ImportAnswers {
  readonly as?: string;
  readonly user?: boolean;
  readonly project?: boolean;
  readonly revision?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** `patina model import`: an entry out of a model's own files. */
export async function importModel(
  from: string,
  { as: key, user: _user, project, json, ...options }: ImportModelOptions,
): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const registry = await openProjectRegistry();
  const report = await registry
    .import(from, {
      ...options,
      key,
      overlay: project ? "project" : "user",
      signal: interrupt.signal,
      onFile: (path) => line.update(path, `reading ${visibleLine(path)}`),
    })
    .finally(() => line.end());
  if (json) return print(`${safeJson(report, 2)}\n`);
  return print(importText(report, styleFor(process.stdout), widthOf(process.stdout)));
}

function importText(report: ImportReport, style: Style, width: number): string {
  const { key, entry, overlay, written, toml, facts, unusedPrompts } = report;
  const rows = facts.map(({ key: name, value, from: place }): [string, string] => [
    name,
    `${name.endsWith("template") ? JSON.stringify(value) : value} (${place})`,
  ]);
  const variants = entry.variants.map((variant): [string, string] => {
    const size = variant.files.reduce((sum, file) => sum + (file.size ?? 0), 0);
    const numerics = variant.numerics ?? "numerics not known: `auto` takes it where it is the only one";
    return [`${variant.name} (${variant.runtime})`, `${numerics}, ${bytes(size)}: ${paths(variant.files)}`];
  });
  const unused =
    unusedPrompts.length === 0
      ? []
      : [`prompts for neither queries nor passages, left out: ${unusedPrompts.join(", ")}`];
  const trust = entry.trusted ? [] : ["`patina trust` first: the project's overlay has changed"];
  const end = written
    ? [`${key} is in ${overlay}`, ...trust, `next: patina model add ${key}`]
    : [`nothing was written; without --dry-run ${overlay} would have`];
  return `${[
    style.bold(visibleLine(key)),
    ...labelled(rows, width, style),
    "",
    style.bold("variants"),
    ...labelled(variants, width, style),
    "",
    ...[...unused, ...end].map(visibleLine),
    ...(written ? [] : ["", visible(toml).trimEnd()]),
  ].join("\n")}\n`;
}

function paths(files: readonly { readonly path: string }[]): string {
  return files.map(({ path }) => path).join(", ");
}
