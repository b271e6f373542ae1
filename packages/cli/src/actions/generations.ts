import type { GenerationChange, GenerationInfo } from "@patina/projections";
import { EXIT } from "../failure.ts";
import { needProject } from "../project.ts";
import { labelled, table } from "../terminal/layout.ts";
import { bytes, count, counted } from "../terminal/numbers.ts";
import { print } from "../terminal/output.ts";
import { styleFor, widthOf } from "../terminal/style.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";
import type { JsonOptions } from "./model.ts";

/** `patina generations list`. */
export async function listAll(options: JsonOptions): Promise<void> {
  const root = needProject();
  const { listGenerations } = await import("@patina/projections");
  const generations = listGenerations(root);
  if (options.json) return print(`${safeJson({ root, generations: generations.map(toJson) }, 2)}\n`);
  if (generations.length === 0)
    return print("nothing is indexed yet; `patina oxidize` makes the first generation\n");
  const [head = "", ...rows] = table(
    [
      { title: "" },
      { title: "GENERATION" },
      { title: "MODEL" },
      { title: "PASSAGES", align: "right" },
      { title: "SIZE", align: "right" },
      { title: "PROBLEM" },
    ],
    generations.map(({ id, current, manifest, bytes: size, problem }) => [
      current ? "*" : " ",
      id,
      manifest === null ? "?" : visibleLine(modelOf(manifest)),
      manifest === null ? "?" : count(manifest.counts.passages),
      bytes(size),
      problem === null ? "" : visibleLine(problem),
    ]),
  );
  return print(`${[styleFor(process.stdout).bold(head), ...rows].join("\n")}\n`);
}

/** `patina generations show`. */
export async function showOne(name: string | undefined, options: JsonOptions): Promise<void> {
  const root = needProject();
  const { showGeneration } = await import("@patina/projections");
  const shown = showGeneration(root, name);
  if (shown.problem !== null) process.exitCode = EXIT.negative;
  if (options.json) return print(`${safeJson({ root, ...toJson(shown) }, 2)}\n`);
  const style = styleFor(process.stdout);
  const { id, current, problem } = shown;
  const title = `${style.bold(id)}${current ? " (current)" : ""}`;
  const rows: [string, string][] = [
    ...factRows(shown),
    ["state", problem ?? "every file is what its digest says"],
  ];
  return print(`${[title, ...labelled(rows, widthOf(process.stdout), style)].join("\n")}\n`);
}

/** `patina generations use`. */
export async function useOne(name: string, options: JsonOptions): Promise<void> {
  const root = needProject();
  const { useGeneration } = await import("@patina/projections");
  await tellChange(root, useGeneration(root, name), options);
}

/** `patina generations rollback`. */
export async function goBack(options: JsonOptions): Promise<void> {
  const root = needProject();
  const { rollback } = await import("@patina/projections");
  await tellChange(root, rollback(root), options);
}

/** `patina generations prune`. */
export async function prune(options: JsonOptions & { readonly keep?: number }): Promise<void> {
  const root = needProject();
  const { pruneGenerations } = await import("@patina/projections");
  const pruned = pruneGenerations(root, { keep: options.keep });
  if (options.json) return print(`${safeJson({ root, ...pruned }, 2)}\n`);
  const lines = pruned.removed.map((id) => `removed ${id}`);
  const stay = `${counted(pruned.kept.length, "generation")} ${pruned.kept.length === 1 ? "stays" : "stay"}`;
  lines.push(lines.length === 0 ? `nothing to remove: ${stay}` : `${bytes(pruned.freed)} freed, ${stay}`);
  return print(`${lines.join("\n")}\n`);
}

function tellChange(root: string, change: GenerationChange, options: JsonOptions): Promise<void> {
  if (options.json) return print(`${safeJson({ root, ...change }, 2)}\n`);
  const { id, before } = change;
  if (id === before) return print(`${id} is current already; nothing was changed\n`);
  return print(`${id} is current now${before === null ? "" : `, in place of ${before}`}\n`);
}

function factRows({ manifest, bytes: size }: GenerationInfo): [string, string][] {
  if (manifest === null) return [["size", bytes(size)]];
  const { counts, created, dimension, previous, documentsDigest } = manifest;
  const free = counts.rows - counts.passages;
  return [
    ["created", created],
    ["built after", previous ?? "nothing"],
    ["model", modelOf(manifest)],
    [
      "vectors",
      `${count(counts.rows)} of ${count(dimension)} numbers${free > 0 ? `, ${count(free)} of them free` : ""}`,
    ],
    [
      "documents",
      `${count(counts.documents)}, those that were left out included (digest ${documentsDigest.slice(0, 16)})`,
    ],
    [
      "passages",
      `${count(counts.passages)}, ${count(counts.texts)} distinct, ${count(counts.truncated)} cut`,
    ],
    ["size", bytes(size)],
  ];
}

function modelOf({ model }: NonNullable<GenerationInfo["manifest"]>): string {
  return `${model.key} ${model.variant} (${model.runtime})`;
}

function toJson({ id, current, manifest, bytes: size, problem }: GenerationInfo): object {
  return { id, current, bytes: size, problem, manifest };
}
