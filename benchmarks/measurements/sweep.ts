/** Whether the hand-tuned contender has its best configuration: each of these, interleaved, on the same texts. */
import type { Pass } from "../contender.ts";
import { contender } from "../contenders.ts";
import { runContender } from "../contest.ts";
import { type Measurement, table } from "../measurement.ts";
import { MODELS, type ModelId } from "../models.ts";
import { spread } from "../statistics.ts";
import { benchmarkTexts } from "../texts.ts";

/** The fields of `Configuration` in python/hand_tuned.py; what is left out is its default. */
type Configuration = Readonly<Record<string, number | boolean>>;

const ONE_SESSION = { sessions: 1, workers: 2, intra_threads: 1 };
const TWO_SESSIONS = { sessions: 2, workers: 2, intra_threads: 1 };
const TWO_THREADS = { sessions: 1, workers: 1, intra_threads: 2 };

const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  ...Object.fromEntries(
    [0, 128, 256, 512, 1024, 2048].map((budget) => [
      `one session shared by two threads, ${budget === 0 ? "one text a run" : `${budget} tokens`}`,
      { ...ONE_SESSION, budget },
    ]),
  ),
  "the same, 512 tokens, memory pattern": { ...ONE_SESSION, budget: 512, memory_pattern: true },
  "the same, 512 tokens, no arena": { ...ONE_SESSION, budget: 512, arena: false },
  "the same, 512 tokens, SkipLayerNormalization not fused": {
    ...ONE_SESSION,
    budget: 512,
    fuse_skip_layer_norm: false,
  },
  "the same, one text a run, SkipLayerNormalization not fused": {
    ...ONE_SESSION,
    budget: 0,
    fuse_skip_layer_norm: false,
  },
  "the same, 512 tokens, input order": { ...ONE_SESSION, budget: 512, sort: false },
  "two sessions of one thread, one text a run": { ...TWO_SESSIONS, budget: 0 },
  "two sessions of one thread, 512 tokens": { ...TWO_SESSIONS, budget: 512 },
  "one session of two threads, 512 tokens": { ...TWO_THREADS, budget: 512 },
  "one session of two threads, 512 tokens, spinning": { ...TWO_THREADS, budget: 512, spinning: true },
  "one session of two threads, 2048 tokens, spinning": { ...TWO_THREADS, budget: 2048, spinning: true },
};

const SWEPT: readonly ModelId[] = ["minilm-fp32", "minilm-int8"];

/** Seconds by model and configuration, round by round, and what the texts were. */
interface SweepData {
  readonly texts: number;
  readonly tokens: number;
  readonly seconds: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

export const sweep: Measurement<SweepData> = {
  id: "sweep",
  title: "ONNX Runtime tuned by hand: the sweep",
  measure: async (context) => {
    const texts = benchmarkTexts(context.quick ? 200 : 1000);
    const seconds: Record<string, Record<string, number[]>> = {};
    let tokens = 0;
    for (let round = 1; round <= context.rounds; round++) {
      for (const id of SWEPT) {
        for (const [name, configuration] of Object.entries(CONFIGURATIONS)) {
          const task = { task: "throughput", model: MODELS[id], texts, warmUp: 64, configuration } as const;
          const pass = await runContender<Pass>(contender("hand-tuned"), task, context);
          seconds[id] ??= {};
          seconds[id][name] = [...(seconds[id][name] ?? []), pass.seconds];
          tokens = (pass.tokens ?? []).reduce((sum, count) => sum + count, 0);
          context.say(`sweep, ${id}, round ${round}: ${name}: ${pass.seconds.toFixed(2)} s`);
        }
      }
    }
    return { texts: texts.length, tokens, seconds };
  },
  render: ({ texts, tokens, seconds }) => {
    const rate = (id: string, name: string) => {
      const { median, least, most } = spread(seconds[id]?.[name] ?? []);
      const [middle, slow, fast] = [median, most, least].map((value) =>
        Math.round(tokens / value).toLocaleString("en"),
      );
      return `${middle} (${slow} to ${fast})`;
    };
    const rows = Object.keys(CONFIGURATIONS).map((name) => [name, ...SWEPT.map((id) => rate(id, name))]);
    return {
      markdown: `${texts} functions of mixed length, tokens/s, median (slowest to fastest round). Spinning is off where not named.

${table(["configuration", ...SWEPT.map((id) => MODELS[id].label)], rows)}`,
      targets: [],
      charts: [],
    };
  },
};
