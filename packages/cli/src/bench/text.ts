import type { Runtime } from "@patina/core";
import type { RuntimeFigures } from "@patina/evaluation";
import type { RuntimesReport } from "../actions/bench-runtimes.ts";
import { fit, labelled, table, wrap } from "../terminal/layout.ts";
import { bytes, count, counted } from "../terminal/numbers.ts";
import { type Style, styleFor, widthOf } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";
import { cosineText, milliseconds, range, rate, seconds } from "./figures.ts";
import { NAMES } from "./verdict-text.ts";

/** Columns that a paragraph has at most, also where there is no terminal. */
const MEASURE = 120;

/** A comparison of two runtimes for people. */
export function comparisonText(report: RuntimesReport): string {
  const style = styleFor(process.stdout);
  const width = Math.min(widthOf(process.stdout), MEASURE);
  const { model, rounds, machine } = report;
  const threads = machine.threads === null ? "" : `, ${counted(machine.threads, "thread")}`;
  const where = `${machine.processor}, ${counted(machine.cores, "core")}${threads}, ${machine.system}`;
  const lines = [
    style.bold(visibleLine(`${model} on both runtimes, ${counted(rounds, "round")} of each, in turns`)),
    ...labelled([["machine", where], ...probeRows(report)], width, style),
    "",
    ...figuresTable(report, style),
    "",
    style.bold("vectors"),
    ...labelled(parityRows(report, width), width, style),
    "",
    ...wrap(visibleLine(report.verdict), width),
  ];
  return `${lines.join("\n")}\n`;
}

function probeRows({ probe, texts }: RuntimesReport): [string, string][] {
  const cut = probe.truncated === 0 ? "" : `, ${counted(probe.truncated, "text")} cut at the model's limit`;
  return [
    ["texts", texts],
    ["", `${counted(probe.texts, "text")}, ${counted(probe.tokens, "token")}${cut}`],
    ["queries", `the first words of ${probe.queries} of them, one at a time`],
  ];
}

function figuresTable({ runtimes }: RuntimesReport, style: Style): string[] {
  const row = (title: string, cell: (figures: RuntimeFigures) => string): string[] => [
    title,
    cell(runtimes.onnx),
    cell(runtimes.mlx),
  ];
  const column = (runtime: Runtime) => ({ title: NAMES[runtime], align: "right" as const });
  const [head = "", ...rows] = table(
    [{ title: "MEDIAN (RANGE)" }, column("onnx"), column("mlx")],
    [
      row("variant", ({ variant, numerics }) => `${variant}, ${numerics ?? "numerics not stated"}`),
      row("computed on", ({ device }) => device.toUpperCase()),
      row("tokens/s, all texts", ({ tokensPerSecond }) => range(tokensPerSecond, rate)),
      row("texts/s", ({ textsPerSecond }) => range(textsPerSecond, rate)),
      row("a query, ms", ({ query }) => range(query.roundMedians, milliseconds)),
      row("95 % of queries within, ms", ({ query }) => milliseconds(query.p95)),
      row("opening, s", ({ openSeconds }) => range(openSeconds, seconds)),
      row("until the first vector, s", ({ firstVectorSeconds }) => range(firstVectorSeconds, seconds)),
      row("memory at most", ({ memory }) => bytes(memory.peak)),
      row("  of it without a model", ({ memory }) => bytes(memory.before)),
    ],
  );
  return [style.dim(`  ${head}`), ...rows.map((line) => `  ${line}`)];
}

function parityRows({ parity }: RuntimesReport, width: number): [string, string][] {
  const { lowest, mean, neighbours, interchangeable, threshold } = parity;
  const text = fit(visibleLine(lowest.text.trim().replaceAll(/\s+/g, " ")), Math.min(width, MEASURE) - 40);
  const share = (value: number): string => `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;
  return [
    ["cosine", `lowest ${cosineText(lowest.cosine)}, mean ${cosineText(mean)}`],
    ["lowest", `text ${count(lowest.index)} (from 0): ${text}`],
    [`top ${neighbours.of}`, `${share(neighbours.mean)} in common, ${share(neighbours.least)} at least`],
    ["stand in", `${interchangeable ? "yes" : "no"}: it takes ${threshold} or more for every text`],
  ];
}
