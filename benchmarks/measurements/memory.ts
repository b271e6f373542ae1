/** Memory of a process that embeds the same texts again and again. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, runProgram } from "../contest.ts";
import { type Measurement, type Target, table } from "../measurement.ts";
import { MODELS, type ModelId } from "../models.ts";
import { digestsOf, patinaSpec } from "../patina-spec.ts";
import type { MemoryUse, MemoryWork } from "../programs/memory.ts";
import { benchmarkTexts } from "../texts.ts";

/** What a model may take at most: so many times its weights, and so many bytes. */
interface Allowance {
  readonly model: ModelId;
  readonly texts: number;
  readonly few: number;
  readonly weights: number;
  readonly beside: number;
}

const ALLOWANCES: readonly Allowance[] = [
  { model: "minilm-fp32", texts: 10_000, few: 300, weights: 1, beside: 300e6 },
  { model: "minilm-int8", texts: 10_000, few: 300, weights: 1, beside: 300e6 },
  // At a twelfth of MiniLM's speed: as much work for the allocator, in a few minutes.
  { model: "e5-base-fp32", texts: 300, few: 16, weights: 1.3, beside: 400e6 },
];
const PASSES = 5;
/** How far the fifth pass may be above the second. */
const GROWTH = 0.05;

interface MemoryRow extends MemoryUse {
  readonly model: ModelId;
  readonly texts: number;
  readonly weights: number;
}

interface MemoryData {
  readonly rows: readonly MemoryRow[];
}

export const memory: Measurement<MemoryData> = {
  id: "memory",
  title: "Memory",
  measure: async (context) => {
    const rows: MemoryRow[] = [];
    for (const allowance of ALLOWANCES) rows.push(await measured(allowance, context));
    return { rows };
  },
  render: ({ rows }) => ({
    markdown: `${PASSES} passes over the same functions of mixed length in one process, resident set in MB (10⁶ bytes), after a collection
of JavaScript's garbage. One engine, its defaults.

${table(
  ["model", "texts", "weights", "before", "opened", "after each pass", "peak"],
  rows.map((row) => [
    MODELS[row.model].label,
    row.texts.toLocaleString("en"),
    ...[row.weights, row.before, row.afterOpening].map(megabytes),
    row.afterPass.map(megabytes).join(", "),
    megabytes(row.peak),
  ]),
)}`,
    targets: rows.flatMap(targetsOf),
    charts: [],
  }),
};

async function measured({ model: id, texts, few }: Allowance, context: Context): Promise<MemoryRow> {
  const { places, quick, say } = context;
  const model = MODELS[id];
  const spec = patinaSpec(model, places.modelsFolder, await digestsOf(model, places.modelsFolder));
  const work: MemoryWork = {
    spec,
    modelsFolder: places.modelsFolder,
    texts: benchmarkTexts(quick ? few : texts),
    passes: PASSES,
  };
  const file = join(places.folder, "work-memory.json");
  writeFileSync(file, JSON.stringify(work));
  say(`memory: ${id}, ${PASSES} passes over ${work.texts.length} texts`);
  const program = join(import.meta.dir, "../programs/memory.ts");
  const use = await runProgram<MemoryUse>([process.execPath, program, file], context);
  const weights = statSync(join(places.modelsFolder, model.folder, model.weights)).size;
  return { ...use, model: id, texts: work.texts.length, weights };
}

function targetsOf(row: MemoryRow): Target[] {
  const allowance = ALLOWANCES.find(({ model }) => model === row.model);
  if (allowance === undefined) throw new Error(`nothing is allowed for ${row.model}`);
  const { label } = MODELS[row.model];
  const most = allowance.weights * row.weights + allowance.beside;
  const [second, fifth] = [row.afterPass[1] as number, row.afterPass[PASSES - 1] as number];
  const growth = fifth / second - 1;
  const times = allowance.weights === 1 ? "" : `${allowance.weights} × `;
  return [
    {
      what: `${label}: resident after pass ${PASSES} against pass 2, ${row.texts.toLocaleString("en")} texts`,
      demanded: `≤ +${GROWTH * 100} %`,
      got: `${growth < 0 ? "" : "+"}${(growth * 100).toFixed(1)} %`,
      met: growth <= GROWTH,
      because: `it rose from ${megabytes(second)} to ${megabytes(fifth)} MB over three passes`,
    },
    {
      what: `${label}: peak`,
      demanded: `≤ ${times}weights + ${allowance.beside / 1e6} MB = ${megabytes(most)} MB`,
      got: `${megabytes(row.peak)} MB`,
      met: row.peak <= most,
      because: `${megabytes(row.before)} MB are there before the engine opens, ${megabytes(row.afterOpening - row.before)} MB more once it is open`,
    },
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
