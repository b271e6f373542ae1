/** A decoder of Qwen3-Embedding-0.6B's shape: that it loads, its speed beside ONNX Runtime driven directly, its memory. */
import { join } from "node:path";
import { agreedTokens, agreement } from "../agreement.ts";
import type { Pass } from "../contender.ts";
import { type ContenderId, contender } from "../contenders.ts";
import { type Measured, runContender } from "../contest.ts";
import { type Measurement, type Section, table } from "../measurement.ts";
import { type Configuration, MODELS, operationsPerToken } from "../models.ts";
import { configurationOf, prepareShape } from "../prepare.ts";
import { printed, ratio, spread } from "../statistics.ts";
import { passages } from "../texts.ts";

const MODEL = MODELS["qwen3-0.6b-fp32"];
const SIDES: readonly ContenderId[] = ["hand-tuned", "patina"];
/** Bytes that loading, the passages and the long text may take together. */
const MOST = 8e9;

interface Work {
  readonly texts: number;
  readonly tokens: number;
  readonly passes: Readonly<Partial<Record<ContenderId, readonly Omit<Measured<Pass>, "tokens">[]>>>;
  /** Smallest cosine between both sides. */
  readonly cosine: number;
}

interface Qwen3Data {
  readonly operationsPerToken: number;
  /** Passages, and one long text. */
  readonly works: readonly Work[];
}

export const qwen3: Measurement<Qwen3Data> = {
  id: "qwen3",
  title: "Qwen3-Embedding-0.6B's shape",
  measure: async (context) => {
    const { places, quick, rounds, say } = context;
    prepareShape(MODEL, "qwen3-0.6b", places);
    // Words of MiniLM's vocabulary are what this model's vocabulary was made of: one token each, and the end token.
    const vocabulary = join(places.modelsFolder, MODELS["minilm-fp32"].folder, "tokenizer.json");
    const works: Work[] = [];
    for (const [count, words] of quick
      ? ([
          [4, 127],
          [1, 999],
        ] as const)
      : ([
          [200, 127],
          [1, 3999],
        ] as const)) {
      const texts = passages(count, words, vocabulary);
      const passes = new Map(SIDES.map((id) => [contender(id), [] as Measured<Pass>[]]));
      let cosine = 1;
      for (let round = 1; round <= rounds; round++) {
        for (const [side, measured] of passes) {
          say(`qwen3, ${count} × ${words} words, round ${round} of ${rounds}: ${side.id}`);
          // To warm up with the long text would be to measure it twice.
          const task = { task: "throughput", model: MODEL, texts, warmUp: count === 1 ? 0 : 2 } as const;
          measured.push(await runContender<Pass>(side, task, context));
        }
        const compared = agreement(places, MODEL, [...passes.keys()], agreedTokens(passes));
        cosine = Math.min(cosine, compared.patina?.whole ?? Number.NaN);
      }
      const tokens = agreedTokens(passes).reduce((sum, number) => sum + number, 0);
      const rows = [...passes].map(([{ id }, measured]) => [id, measured.map(({ tokens, ...pass }) => pass)]);
      works.push({ texts: count, tokens, passes: Object.fromEntries(rows), cosine });
    }
    return {
      operationsPerToken: operationsPerToken(MODEL, configurationOf<Configuration>(MODEL, places)),
      works,
    };
  },
  render,
};

function render({ operationsPerToken, works }: Qwen3Data): Section {
  const seconds = (work: Work, id: ContenderId) => (work.passes[id] ?? []).map((pass) => pass.seconds);
  const peak = (id: ContenderId) =>
    Math.max(...works.flatMap((work) => (work.passes[id] ?? []).map((pass) => pass.peakBytes)));
  const rows = works.flatMap((work) =>
    SIDES.map((id) => {
      const { median, least, most } = spread(seconds(work, id));
      const rate = (value: number) => (work.tokens / value).toFixed(0);
      return [
        `${work.texts} × ${Math.round(work.tokens / work.texts)} tokens`,
        contender(id).label,
        `${rate(median)} (${rate(most)} to ${rate(least)})`,
        ((work.tokens * operationsPerToken) / median / 1e9).toFixed(0),
        id === "patina" ? "" : printed(ratio(seconds(work, id), seconds(work, "patina"))),
      ];
    }),
  );
  const texts = works
    .map((work) => `${work.texts} of ${Math.round(work.tokens / work.texts)} tokens`)
    .join(", ");
  return {
    markdown: `${MODEL.label}: the graph with positions and empty past keys and values as inputs, weights in a file beside it.
Smallest cosine between both sides: ${Math.min(...works.map(({ cosine }) => cosine)).toFixed(6)}. Peak memory: ${SIDES.map((id) => `${id} ${(peak(id) / 1e9).toFixed(2)} GB`).join(", ")}.

${table(["texts", "what ran", "tokens/s", "GFLOP/s", "Patina against it"], rows)}`,
    targets: [
      {
        what: `Qwen3-0.6B's shape loads and embeds ${texts}: peak memory`,
        demanded: `≤ ${MOST / 1e9} GB`,
        got: `${(peak("patina") / 1e9).toFixed(2)} GB`,
        met: peak("patina") <= MOST,
        because: `ONNX Runtime driven directly takes ${(peak("hand-tuned") / 1e9).toFixed(2)} GB`,
      },
    ],
    charts: [],
  };
}
