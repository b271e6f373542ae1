import type { ImportAnswers, ImportReport, MissingAnswer } from "@patina/registry";
import type { Command } from "commander";
import { Interrupt } from "../interrupt.ts";
import { labelled } from "../terminal/layout.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { type Style, styleFor, widthOf } from "../terminal/style.ts";
import { safeJson, visible, visibleLine } from "../terminal/visible.ts";
import { askMissing } from "./ask-missing.ts";
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
  command: Command,
): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const registry = await openProjectRegistry();
  const asks = process.stdin.isTTY && process.stdout.isTTY && !json;
  let flags: readonly string[] = [];
  const onMissing = async (missing: readonly MissingAnswer[]): Promise<ImportAnswers> => {
    line.clear();
    const asked = await askMissing(command, missing, interrupt.signal);
    flags = asked.flags;
    return asked.answers;
  };
  const report = await registry
    .import(from, {
      ...options,
      key,
      overlay: project ? "project" : "user",
      signal: interrupt.signal,
      onMissing: asks ? onMissing : undefined,
      onFile: (path) => line.update(path, `reading ${visibleLine(path)}`),
    })
    .finally(() => line.end());
  if (json) return print(`${safeJson(report, 2)}\n`);
  const answered = flags.length === 0 ? "" : `the same without questions: ${visibleLine(flags.join(" "))}\n`;
  return print(`${answered}${importText(report, styleFor(process.stdout), widthOf(process.stdout))}`);
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
