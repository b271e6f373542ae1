/** A single query: alone for each contender, and for Patina while the same engine embeds a long batch. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContenderId, contender } from "../contenders.ts";
import { type Measured, runContender, runProgram } from "../contest.ts";
import { type Measurement, type Section, short, type Target, table } from "../measurement.ts";
import { MODELS } from "../models.ts";
import { digestsOf, patinaSpec } from "../patina-spec.ts";
import type { EventLoopGap, LoadedLatency, LoadedWork } from "../programs/loaded-latency.ts";
import { percent, quantile } from "../statistics.ts";
import { workloadTexts } from "../texts.ts";

const ASKED: readonly ContenderId[] = [
  "transformers-bun",
  "transformers-node",
  "fastembed-python",
  "sentence-transformers",
  "onnxruntime-node",
  "hand-tuned",
  "patina",
];
const MODEL = MODELS["minilm-fp32"];

interface LatencyData {
  /** Milliseconds of each query by contender, rounds one after another. */
  readonly alone: Readonly<Record<string, readonly number[]>>;
  readonly batchTexts: number;
  /** One a round. */
  readonly loaded: readonly Measured<LoadedLatency>[];
}

/** p95 under load over p95 alone, at most. */
const LOADED_TIMES = 3;
/** Milliseconds that the event loop may stand still, at most. */
const LONGEST_GAP = 20;

export const latency: Measurement<LatencyData> = {
  id: "latency",
  title: "Latency of a single query, and the event loop",
  measure: async (context) => {
    const { places, quick, rounds, say } = context;
    const spec = patinaSpec(MODEL, places.modelsFolder, await digestsOf(MODEL, places.modelsFolder));
    const tokenizer = join(places.modelsFolder, MODEL.folder, "tokenizer.json");
    const queries = workloadTexts("queries", quick ? 100 : 400, tokenizer);
    const work: LoadedWork = {
      spec,
      modelsFolder: places.modelsFolder,
      queries,
      idle: queries.length,
      batch: workloadTexts("functions", quick ? 500 : 10_000, tokenizer),
    };
    const file = join(places.folder, "work-loaded-latency.json");
    writeFileSync(file, JSON.stringify(work));
    const alone: Record<string, number[]> = {};
    const loaded: Measured<LoadedLatency>[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const id of ASKED) {
        say(`latency, round ${round} of ${rounds}: ${id}`);
        const task = { task: "latency", model: MODEL, texts: queries, warmUp: 20 } as const;
        const { milliseconds } = await runContender<{ milliseconds: number[] }>(contender(id), task, context);
        alone[id] = [...(alone[id] ?? []), ...milliseconds];
      }
      say(`latency, round ${round} of ${rounds}: while ${work.batch.length} texts are embedded`);
      const program = join(import.meta.dir, "../programs/loaded-latency.ts");
      loaded.push(await runProgram<LoadedLatency>([process.execPath, program, file], context));
    }
    return { alone, batchTexts: work.batch.length, loaded };
  },
  render,
};

function render({ alone, batchTexts, loaded }: LatencyData): Section {
  const cells = (values: readonly number[]) =>
    [0.5, 0.95, 0.99].map((share) => `${quantile(values, share).toFixed(2)} ms`);
  const idle = loaded.flatMap((round) => round.idle);
  const busy = loaded.flatMap((round) => round.loaded);
  const rows = [
    ...Object.entries(alone).map(([id, values]) => [
      short(contender(id as ContenderId).label),
      "alone",
      ...cells(values),
      `${values.length}`,
    ]),
    ["Patina", "alone, 10 ms between queries", ...cells(idle), `${idle.length}`],
    [
      "Patina",
      `while ${batchTexts.toLocaleString("en")} texts are embedded`,
      ...cells(busy),
      `${busy.length}`,
    ],
  ];
  const gap = greatest(loaded.map(({ loadedGap }) => loadedGap));
  const idleGap = greatest(loaded.map(({ idleGap }) => idleGap));
  const times = quantile(busy, 0.95) / quantile(idle, 0.95);
  const others = `other programs took up to ${percent(Math.max(...loaded.map((round) => round.others)))} of the processors`;
  const targets: Target[] = [
    {
      what: `p95 of a query while ${batchTexts.toLocaleString("en")} texts are embedded, against p95 alone`,
      demanded: `≤ ${LOADED_TIMES}×`,
      got: `${times.toFixed(2)}×`,
      met: times <= LOADED_TIMES,
      because: `a query waits for the micro-batch that runs, in the median ${(quantile(busy, 0.5) - quantile(idle, 0.5)).toFixed(1)} ms, and ${others}`,
    },
    {
      what: "longest event-loop gap meanwhile",
      demanded: `≤ ${LONGEST_GAP} ms`,
      got: `${gap.timer.toFixed(1)} ms`,
      met: gap.timer <= LONGEST_GAP,
      because: `${waiting(gap)}; ${others}, and with no batch the longest gap was ${idleGap.timer.toFixed(1)} ms`,
    },
  ];
  return {
    markdown: `${MODEL.label}, queries of about ten tokens, one at a time. The last two rows are one engine in one process.

${table(["who", "when", "p50", "p95", "p99", "queries"], rows)}

Longest time the event loop stood still while the batch ran: ${gap.timer.toFixed(1)} ms by a timer of 1 ms, which is what the target
is held against (${waiting(gap)}), ${gap.monitor.toFixed(1)} ms by \`perf_hooks.monitorEventLoopDelay\`; during the idle queries ${idleGap.timer.toFixed(1)} ms.`,
    targets,
    charts: [
      {
        title: "A query alone, p50 to p99",
        unit: "ms, less is better",
        bars: Object.entries(alone).map(([id, values]) => ({
          label: short(contender(id as ContenderId).label),
          value: quantile(values, 0.5),
          from: quantile(values, 0.5),
          to: quantile(values, 0.99),
          own: id === "patina",
        })),
      },
    ],
  };
}

function greatest(gaps: readonly EventLoopGap[]): EventLoopGap {
  return gaps.reduce((most, gap) => (gap.timer > most.timer ? gap : most));
}

/** Whether the thread was busy during a gap, or had no processor to run on. */
function waiting({ timer, descheduled }: EventLoopGap): string {
  return descheduled === null
    ? "the system does not tell whether the thread had a processor"
    : `for ${descheduled.toFixed(1)} of these ${timer.toFixed(1)} ms the thread was ready and had no processor`;
}
