import { createInterface } from "node:readline/promises";
import type { FileChange, FileVersion, UpdatePlan, VariantUpdate } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { Interrupt } from "../interrupt.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import { AddProgressTeller, type ProgressForm } from "./add-progress.ts";
import { fileLines } from "./add-text.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** Options of `patina model update`. */
export interface UpdateCommandOptions extends ModelOptions, JsonOptions {
  readonly yes?: boolean;
  readonly progress?: ProgressForm;
}

/** `patina model update`: what the sources have today beside what the lock has, and then, if wanted, instead of it. */
export async function updateModel(key: string, options: UpdateCommandOptions): Promise<void> {
  using progress = new AddProgressTeller(options.progress);
  using interrupt = new Interrupt(() => progress.clear());
  const { signal } = interrupt;
  const registry = await openProjectRegistry();
  const { variant, runtime = "auto", json = false } = options;
  const confirm = async (plan: UpdatePlan): Promise<boolean> => {
    if (!json) await print(planText(plan));
    if (options.yes === true || json || !process.stdin.isTTY) return options.yes === true;
    return ask(`Take this into ${plan.lock}? [y/N] `, signal);
  };
  const report = await registry.update(key, {
    ...(variant === undefined ? {} : { variant }),
    ...(runtime === "auto" ? {} : { runtime }),
    ...{ confirm, signal, onProgress: progress.show },
  });
  progress.clear();
  if (json) return print(`${safeJson(report, 2)}\n`);
  if (!report.changes) return print(`${planText(report)}nothing has changed\n`);
  if (!report.applied) return print("nothing was changed; --yes takes it\n");
  const lines = report.brought.flatMap(({ files }) => files.flatMap(fileLines));
  lines.push(`${report.lock} has it now; the files before stay until \`patina model prune\``);
  return print(`${lines.map(visibleLine).join("\n")}\n`);
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim());
  } finally {
    terminal.close();
  }
}

function planText({ key, variants }: UpdatePlan): string {
  const lines = variants.flatMap((variant) => [
    `${key} ${variant.variant} (${variant.runtime})`,
    ...variant.files.flatMap(changeLines).map((line) => `  ${line}`),
    `  ${CONSEQUENCES[`${variant.invalidates}`]}`,
  ]);
  return `${lines.map(visibleLine).join("\n")}\n`;
}

const CONSEQUENCES: Record<`${VariantUpdate["invalidates"]}`, string> = {
  false: "vectors stay what they are: nothing is invalidated",
  true: "vectors change: the next `patina oxidize` embeds and indexes anew what was made with it",
  null: "whether vectors change shows when the files are here",
};

const STATES: Record<FileChange["state"], string> = {
  same: "as it was",
  moved: "same bytes, another revision",
  changed: "changed",
  unknown: "may have changed: its source tells no digest",
};

function changeLines({ path, state, before, now }: FileChange): string[] {
  const head = `${path}: ${STATES[state]}`;
  if (state === "same") return [head];
  return [
    head,
    `  before ${before === null ? "not in the lock" : versionText(before)}`,
    `  now    ${versionText(now)}`,
  ];
}

function versionText({ source, revision, size, sha256 }: FileVersion): string {
  const parts = [source, revision, size === null ? "size unknown" : bytes(size)].filter(
    (part) => part !== null,
  );
  return `${parts.join(", ")}, sha256 ${sha256 ?? "unknown until it is fetched"}`;
}
