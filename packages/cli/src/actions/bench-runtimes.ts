import { nativeFacts, threadLimit } from "@patina/engine";
import { type CompareProgress, compareRuntimes, type RuntimeComparison } from "@patina/evaluation";
import { bothSides } from "../bench/sides.ts";
import { comparisonText } from "../bench/text.ts";
import { type BenchTexts, type TextsOptions, textsFor } from "../bench/texts.ts";
import { verdictText } from "../bench/verdict-text.ts";
import { type MachineReport, machineReport } from "../doctor/machine.ts";
import { AtomicFile } from "../embed/atomic-file.ts";
import { Interrupt } from "../interrupt.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { safeJson } from "../terminal/visible.ts";
import { warn } from "../terminal/warning.ts";
import type { JsonOptions } from "./model.ts";
import { openProjectRegistry } from "./model-choice.ts";

/** Options of `patina bench runtimes`, as the command line gives them. */
export interface BenchRuntimesOptions extends JsonOptions, TextsOptions {
  readonly variantOnnx?: string;
  readonly variantMlx?: string;
  readonly rounds: number;
  readonly output?: string;
}

/** A comparison as `--json` prints it. A key keeps its meaning for as long as the version stays. */
export interface RuntimesReport extends RuntimeComparison {
  readonly version: 1;
  readonly machine: MachineReport;
  /** Which texts, for people. */
  readonly texts: string;
  /** What it comes to, for people. */
  readonly verdict: string;
}

/** `patina bench runtimes`: a model on both runtimes, on the same texts and on this machine. */
export async function benchRuntimes(model: string, options: BenchRuntimesOptions): Promise<void> {
  const { json, rounds, variantOnnx, variantMlx } = options;
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.end());
  const { signal } = interrupt;
  await using file = options.output === undefined ? undefined : await AtomicFile.create(options.output);
  const registry = await openProjectRegistry();
  const entry = registry.entry(model);
  const wishes = { onnx: variantOnnx, mlx: variantMlx };
  const sides = await bothSides(registry, entry, wishes, { json, signal });
  let comparison: RuntimeComparison;
  let probe: BenchTexts;
  try {
    probe = await textsFor(entry, options, signal, (passages) =>
      line.update("texts", `reading the project: ${passages} passages`),
    );
    const { graphCache } = registry;
    const onProgress = (progress: CompareProgress): void => show(line, progress);
    comparison = await compareRuntimes({ sides, texts: probe.texts, rounds, graphCache, signal, onProgress });
  } finally {
    line.end();
  }
  for (const { warnings } of Object.values(comparison.runtimes)) {
    for (const warning of warnings) warn("ENGINE", warning, json);
  }
  const machine = machineReport(nativeFacts(), threadLimit());
  const verdict = verdictText(comparison, machine);
  const report: RuntimesReport = { version: 1, machine, texts: probe.source, ...comparison, verdict };
  const text = `${safeJson(report, 2)}\n`;
  if (file !== undefined) {
    await file.write(text);
    await file.commit();
  }
  await print(json ? text : comparisonText(report));
}

const STAGES = { opening: "opening the model", batch: "texts", queries: "queries" } as const;

function show(line: ProgressLine, { round, rounds, runtime, stage, done, total }: CompareProgress): void {
  const at = `round ${round} of ${rounds}, ${runtime}`;
  const what = stage === "opening" ? STAGES.opening : `${done} of ${total} ${STAGES[stage]}`;
  line.update(at, `${at}: ${what}`, done / total);
}
