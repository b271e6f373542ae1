/** The page of results, made of RESULTS.json alone. */

import { type Chart, type Section, type Target, table } from "./measurement.ts";
import { MEASUREMENTS } from "./measurements.ts";
import type { Result, Results } from "./results.ts";

/** The page, and the charts of its plot; both files lie beside it under these names. */
export function report(
  results: Results,
  files: { readonly numbers: string; readonly plot: string },
): { readonly page: string; readonly charts: readonly Chart[] } {
  const parts = MEASUREMENTS.flatMap((measurement) => {
    const result = results.measurements[measurement.id];
    if (result === undefined) return [];
    return [{ title: measurement.title, result, section: measurement.render(result.data) }];
  });
  const targets = parts.flatMap(({ section }) => section.targets);
  const page = `# Benchmark results

Written by \`bun run bench\`; benchmarks/README.md says what is measured and how,
[${files.numbers}](${files.numbers}) has every number.

${targetTable(targets)}

![Bars of what is below](${files.plot})

${parts.map(({ title, result, section }) => part(title, result, section)).join("\n\n")}

## What this machine cannot show

- MLX on Apple Silicon, a GPU, or ARM kernels of ONNX Runtime: none is here.
- More cores: how workers scale beyond these, and what they then cost in memory.
- A cold start: dropping the page cache needs rights over the whole machine, so files were warm for every side.
- A processor without AVX-512, where matrix products take a larger share and batching a smaller one.
`;
  return { page, charts: parts.flatMap(({ section }) => section.charts) };
}

function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, demanded, got, met }) => [
    what,
    demanded,
    got,
    met ? "met" : "**MISSED**",
  ]);
  const misses = targets.flatMap(({ what, met, because }) =>
    met || because === undefined ? [] : [`- ${what}: ${because}.`],
  );
  const reasons = misses.length === 0 ? "" : `\n\nWhat was missed, and why:\n\n${misses.join("\n")}`;
  return `${table(["target", "demanded", "measured", ""], rows)}${reasons}`;
}

function part(title: string, { when, machine, rounds, quick }: Result, section: Section): string {
  const look = quick ? " **A quick look with few texts, not a result.**" : "";
  return `## ${title}

${when.slice(0, 10)}, ${rounds} round(s). ${machine.replaceAll("\n", " ")}${look}

${section.markdown}`;
}
