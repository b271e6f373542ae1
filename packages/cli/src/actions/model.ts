import { type ModelStatus, opinionLine } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { EXIT } from "../failure.ts";
import { Interrupt } from "../interrupt.ts";
import { table } from "../terminal/layout.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { styleFor } from "../terminal/style.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import { AddProgressLine } from "./add-progress.ts";
import { choiceFor, openProjectRegistry } from "./model-choice.ts";

/** Options that every `patina model` command has. */
export interface JsonOptions {
  readonly json?: boolean;
}

/** `patina model add`: fetches a variant and says where each file came from. */
export async function addModel(key: string, options: ModelOptions & JsonOptions): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const registry = await openProjectRegistry();
  const entry = registry.entry(key);
  const choice = await choiceFor(registry, entry, options);
  const progress = new AddProgressLine(line);
  const report = await registry
    .add(entry.key, {
      ...choice,
      signal: interrupt.signal,
      onProgress: (event) => progress.show(event),
    })
    .finally(() => line.end());
  if (options.json) return print(`${safeJson(report, 2)}\n`);
  const lines = report.files.flatMap((file) => [
    `${file.path}: ${bytes(file.size)}, ${ACTIONS[file.action]}${file.action === "present" ? "" : ` ${file.source}`}`,
    `  sha256 ${file.sha256}${file.pinned ? ", pinned now: the registry names no digest" : ""}`,
    ...file.failed.map(({ source, reason }) => `  not from ${source}: ${reason}`),
  ]);
  const passedOver = report.passedOver.map((reason) => `passed over ${reason}`);
  if (passedOver.length > 0) passedOver.push(`took ${opinionLine(report)}`);
  const last = `${report.key} ${report.variant} (${report.runtime}) is ready; its licence is ${report.license}`;
  return print(`${[...lines, ...passedOver, last].map(visibleLine).join("\n")}\n`);
}

/** `patina model status`: each file of what is here. Exits with 1 when one is damaged. */
export async function modelStatus(key: string | undefined, options: JsonOptions): Promise<void> {
  const registry = await openProjectRegistry();
  const all = await registry.status(key);
  const shown = key === undefined ? all.filter((status) => status.state !== "missing") : all;
  if (shown.some((status) => status.state === "damaged")) process.exitCode = EXIT.negative;
  if (options.json) return print(`${safeJson({ variants: shown }, 2)}\n`);
  if (shown.length === 0)
    return print("no model is on this machine; `patina model add all-minilm-l6-v2` fetches one\n");
  return print(`${shown.map(statusText).join("\n\n")}\n`);
}

/** `patina model remove`: deletes a model's files and says what that freed. */
export async function removeModel(
  key: string,
  options: { readonly variant?: string } & JsonOptions,
): Promise<void> {
  const registry = await openProjectRegistry();
  const report = await registry.remove(
    key,
    options.variant === undefined ? {} : { variant: options.variant },
  );
  if (options.json) return print(`${safeJson(report, 2)}\n`);
  if (report.removed.length === 0) return print(`nothing of ${visibleLine(report.key)} is on this machine\n`);
  const lines = report.removed.map((gone) => {
    const name = gone.variant === null ? "left-over files" : `${gone.variant} (${gone.runtime})`;
    return visibleLine(`removed ${name}: ${bytes(gone.size)} from ${gone.folder}`);
  });
  const total = report.removed.reduce((sum, { size }) => sum + size, 0);
  if (lines.length > 1) lines.push(`${bytes(total)} freed`);
  return print(`${lines.join("\n")}\n`);
}

const ACTIONS = { present: "was here", reused: "reused from", fetched: "fetched from" } as const;

function label({ variant, runtime }: ModelStatus): string {
  return `${variant} (${runtime})`;
}

function statusText(status: ModelStatus): string {
  const style = styleFor(process.stdout);
  const size = status.size === null ? "" : `, ${bytes(status.size)}`;
  const fetchable =
    status.state === "installed" || status.fetchable ? "" : ", cannot be fetched in this version";
  const head = `${visibleLine(status.key)} ${label(status)}: ${status.state}${size}${fetchable}`;
  const rows = table(
    [{ title: "FILE" }, { title: "SIZE", align: "right" }, { title: "STATE" }, { title: "WHERE" }],
    status.files.map((file) => [
      visibleLine(file.path),
      file.size === null ? "?" : bytes(file.size),
      file.state,
      file.state === "missing" || file.location === null ? "-" : visibleLine(file.location),
    ]),
  );
  return [style.bold(head), ...rows.slice(1).map((row) => `  ${row}`)].join("\n");
}
