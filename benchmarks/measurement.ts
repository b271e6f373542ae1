/** What a measurement is: it measures into plain data, and makes its part of the page from that data alone. */
import type { Context } from "./contest.ts";

export interface Measurement<Data> {
  /** Its name on the command line and in RESULTS.json. */
  readonly id: string;
  readonly title: string;
  /** What ends in RESULTS.json: plain data. */
  measure(context: Context): Promise<Data>;
  /** Runs again on what an earlier run measured, so it reads nothing else. */
  render(data: Data): Section;
}

export interface Section {
  readonly markdown: string;
  readonly targets: readonly Target[];
  readonly charts: readonly Chart[];
}

/** What was promised, and what came of it. */
export interface Target {
  readonly what: string;
  readonly demanded: string;
  readonly got: string;
  readonly met: boolean;
  /** For a target that was missed: what the figures say of the reason. */
  readonly because?: string;
}

/** Bars of the plot. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  /** Whether it is Patina's. */
  readonly own: boolean;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The label of a contender without what comes after the first comma. */
export function short(label: string): string {
  return label.split(",")[0] as string;
}
