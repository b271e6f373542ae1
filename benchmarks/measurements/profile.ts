/** Where the time goes inside ONNX Runtime: what is left when everything around it costs nothing. */
import { join } from "node:path";
import { contender } from "../contenders.ts";
import { runProgram, writeWork } from "../contest.ts";
import { type Measurement, table } from "../measurement.ts";
import { MODELS, type ModelId } from "../models.ts";
import { PYTHON_PROGRAMS } from "../peers.ts";
import { percent } from "../statistics.ts";
import { benchmarkTexts } from "../texts.ts";

const PROFILED: readonly ModelId[] = ["minilm-fp32", "minilm-int8", "minilm-int8-weights", "e5-base-fp32"];
/** Operators below this share are summed up. */
const LEAST = 0.02;

interface ProfileData {
  readonly texts: number;
  /** Share of the time inside operators, by model and operator. */
  readonly shares: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export const profile: Measurement<ProfileData> = {
  id: "profile",
  title: "Where ONNX Runtime's time goes",
  measure: async (context) => {
    const { places, quick, say } = context;
    const texts = benchmarkTexts(quick ? 40 : 200);
    const shares: Record<string, Record<string, number>> = {};
    for (const id of PROFILED) {
      say(`profile: ${id}`);
      const task = { task: "throughput", model: MODELS[id], texts, warmUp: 0 } as const;
      const file = await writeWork(task, contender("hand-tuned"), places);
      const command = [places.python, join(PYTHON_PROGRAMS, "profile_operators.py"), file];
      const { others, ...operators } = await runProgram<Record<string, number>>(command, context);
      shares[id] = operators;
    }
    return { texts: texts.length, shares };
  },
  render: ({ texts, shares }) => ({
    markdown: `Share of the time inside operators, by ONNX Runtime's own profile of the hand-tuned batches on one thread, ${texts} functions.

${table(
  ["model", "operators"],
  Object.entries(shares).map(([id, operators]) => [MODELS[id as ModelId].label, listed(operators)]),
)}`,
    targets: [],
    charts: [],
  }),
};

function listed(operators: Readonly<Record<string, number>>): string {
  const large = Object.entries(operators).filter(([, share]) => share >= LEAST);
  const rest = 1 - large.reduce((sum, [, share]) => sum + share, 0);
  return [...large.map(([name, share]) => `${name} ${percent(share)}`), `others ${percent(rest)}`].join(", ");
}
