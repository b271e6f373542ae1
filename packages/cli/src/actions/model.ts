import type { Runtime } from "@patina/core";
import type { ModelStatus } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { EXIT } from "../failure.ts";
import { Interrupt } from "../interrupt.ts";
import { table } from "../terminal/layout.ts";
import { bytes } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { styleFor } from "../terminal/style.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import { warn } from "../terminal/warning.ts";
import { AddProgressTeller, type ProgressForm } from "./add-progress.ts";
import { addText } from "./add-text.ts";
import { choiceFor, openProjectRegistry } from "./model-choice.ts";

/** Options that every `patina model` command has. */
export interface JsonOptions {
  readonly json?: boolean;
}

/** `patina model add`: fetches a variant and says where each file came from. */
export async function addModel(
  key: string,
  options: ModelOptions & JsonOptions & { readonly frozen?: boolean; readonly progress?: ProgressForm },
): Promise<void> {
  using progress = new AddProgressTeller(options.progress);
  using interrupt = new Interrupt(() => progress.clear());
  const registry = await openProjectRegistry();
  const entry = registry.entry(key);
  const { choice, unfit } = await choiceFor(registry, entry, options);
  if (unfit !== null)
    warn("RUNTIME_UNAVAILABLE", `${unfit}; the files are fetched all the same`, options.json);
  const { signal } = interrupt;
  const { frozen } = options;
  const report = await registry.add(entry.key, { ...choice, frozen, signal, onProgress: progress.show });
  progress.clear();
  return print(options.json ? `${safeJson(report, 2)}\n` : addText(report));
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
  { json, ...request }: { readonly variant?: string; readonly runtime?: Runtime } & JsonOptions,
): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const registry = await openProjectRegistry();
  const onWait = (): void => {
    if (!json) line.update("waiting", `waiting: another process is at work on ${visibleLine(key)}`);
  };
  const report = await registry
    .remove(key, { ...request, signal: interrupt.signal, onWait })
    .finally(() => line.end());
  if (json) return print(`${safeJson(report, 2)}\n`);
  const { removed, overlay } = report;
  const lines = removed.flatMap((gone) => {
    const name = gone.variant === null ? "left-over files" : `${gone.variant} (${gone.runtime})`;
    const kept = gone.kept.map(({ location, reason }) => `  ${location} stays: ${reason}`);
    return [`removed ${name}: ${bytes(gone.size)} from ${gone.folder}`, ...kept];
  });
  if (removed.length === 0) lines.push(`nothing of ${report.key} is on this machine`);
  if (removed.length > 1) lines.push(`${bytes(removed.reduce((sum, { size }) => sum + size, 0))} freed`);
  if (overlay !== null)
    lines.push(`the row of ${report.key}, which a conversion wrote, is gone from ${overlay}`);
  return print(`${lines.map(visibleLine).join("\n")}\n`);
}

function label({ variant, runtime }: ModelStatus): string {
  return `${variant} (${runtime})`;
}

function statusText(status: ModelStatus): string {
  const style = styleFor(process.stdout);
  const size = status.size === null ? "" : `, ${bytes(status.size)}`;
  const head = `${visibleLine(status.key)} ${label(status)}: ${status.state}${size}`;
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
