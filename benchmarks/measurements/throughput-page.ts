/** The page's part on throughput. */
import { CONTENDERS, type ContenderId, contender } from "../contenders.ts";
import { type Chart, type Section, short, type Target, table } from "../measurement.ts";
import { MODELS, type ModelId } from "../models.ts";
import { QUIET } from "../others.ts";
import { percent, printed, type Ratio, ratio, spread } from "../statistics.ts";
import type { ContestResult, Round, ThroughputData } from "./throughput.ts";

const BUSY =
  " **So rates are too low, and ratios are wrong either way: threads that wait for each other suffer more than others.**";

const TITLES = {
  functions: "functions of mixed length",
  queries: "short queries",
  passages: "equal passages of 128 tokens",
} as const;

export function renderThroughput({ contests, peak }: ThroughputData): Section {
  const limit = Math.max(...Object.values(peak));
  const rates = Object.entries(peak).map(([name, rate]) => `${name} ${(rate / 1e9).toFixed(0)}`);
  const [first] = contests;
  const rounds = first === undefined ? 0 : seconds(first, "patina").length;
  const shares = contests
    .flatMap((contest) => Object.values(contest.rounds).flat())
    .map(({ others }) => others);
  const busy = spread(shares);
  const intro = `Median of ${rounds} interleaved round(s), each pass in a process of its own, loading and warm-up excluded; in brackets the
slowest and the fastest round. Ratios are of medians, in brackets ${
    rounds >= 5
      ? "the 95 % bootstrap interval over rounds"
      : "the least and the greatest ratio of a round (too few for a bootstrap)"
  }. Other programs took ${percent(busy.least)} to ${percent(busy.most)} of the processors, in the middle pass ${percent(busy.median)}.${busy.median > QUIET ? BUSY : ""}

The machine's float32 matrix products, GFLOP/s: ${rates.join(", ")}. The share of the limit is what a contender's tokens
need in the linear layers, of the greatest of these rates; padding it multiplies is not counted in its favour. An int8
file may pass 100 %: its products are cheaper.`;
  const parts = contests.map((contest) => contestPart(contest, limit));
  return {
    markdown: [intro, ...parts, ...weightsOnlyLine(contests)].join("\n\n"),
    targets: targets(contests, limit),
    charts: contests.map(chart),
  };
}

function contestPart(contest: ContestResult, limit: number): string {
  const { model, workload, texts, tokens } = contest;
  const rows = taking(contest).map((id) => {
    const time = spread(seconds(contest, id));
    const rate = (value: number) => Math.round(tokens / value).toLocaleString("en");
    const cpu = spread(of(contest, id).map(({ cpuSeconds }) => cpuSeconds)).median;
    const peak = Math.max(...of(contest, id).map(({ peakBytes }) => peakBytes)) / 1e6;
    return [
      contender(id).label,
      `${rate(time.median)} (${rate(time.most)} to ${rate(time.least)})`,
      (texts / time.median).toFixed(0),
      id === "patina" ? "" : printed(faster(contest, id)),
      ((cpu * 1000) / texts).toFixed(1),
      percent(shareOfLimit(contest, id, limit)),
      `${peak.toFixed(0)} MB`,
    ];
  });
  const head = [
    "what ran",
    "tokens/s",
    "texts/s",
    "Patina against it",
    "CPU s per 1,000",
    "of the limit",
    "peak memory",
  ];
  return `### ${MODELS[model].label}, ${TITLES[workload]}

${texts.toLocaleString("en")} texts, ${tokens.toLocaleString("en")} tokens (mean ${(tokens / texts).toFixed(0)}, cut at ${MODELS[model].maxTokens}).

${table(head, rows)}

${agreementLine(contest)}`;
}

function agreementLine({ agreement }: ContestResult): string {
  const cosine = agreement.patina;
  const foreign = CONTENDERS.filter(
    ({ id, foreignVectors }) => foreignVectors !== undefined && agreement[id] !== undefined,
  ).map(
    ({ id, label, foreignVectors }) =>
      `${short(label)}'s vectors are others (cosine down to ${agreement[id]?.whole.toFixed(2)}): ${foreignVectors}.`,
  );
  if (cosine === undefined) throw new Error("Patina's vectors were not compared");
  const cut = cosine.cut === null ? "" : `, over those that are cut ${cosine.cut.toFixed(4)}`;
  return [
    `Smallest cosine between Patina and transformers.js over the texts that fit: ${cosine.whole.toFixed(6)}${cut}.`,
    ...foreign,
  ].join(" ");
}

function chart(contest: ContestResult): Chart {
  return {
    title: `${MODELS[contest.model].label}, ${TITLES[contest.workload]}`,
    unit: "tokens/s",
    bars: taking(contest).map((id) => {
      const time = spread(seconds(contest, id));
      const rate = (value: number) => contest.tokens / value;
      return {
        label: short(contender(id).label),
        value: rate(time.median),
        from: rate(time.most),
        to: rate(time.least),
        own: id === "patina",
      };
    }),
  };
}

function targets(contests: readonly ContestResult[], limit: number): Target[] {
  const mixed = (model: ModelId) =>
    contests.find((contest) => contest.model === model && contest.workload === "functions");
  const float32 = mixed("minilm-fp32");
  const found: Target[] = [];
  const add = (what: string, least: number, value: Ratio, because: string) =>
    found.push({
      what,
      demanded: `≥ ${least}×`,
      got: printed(value),
      met: value.value >= least,
      ...(value.value >= least ? {} : { because }),
    });
  if (float32 !== undefined) {
    const rows = [
      ["transformers-bun", "transformers.js", 3.2],
      ["sentence-transformers", "sentence-transformers", 2.8],
      ["hand-tuned", "ONNX Runtime tuned by hand", 0.97],
    ] as const;
    for (const [id, name, least] of rows) {
      const demanded = percent(least * shareOfLimit(float32, id, limit));
      const reason = `${limitLine(float32, limit)}; what is demanded would be ${demanded} of it`;
      add(`float32, mixed length, against ${name}`, least, faster(float32, id), reason);
    }
  }
  const int8 = mixed("minilm-int8");
  if (int8 !== undefined && float32 !== undefined) {
    const byHand = ratio(perToken(float32, "hand-tuned"), perToken(int8, "hand-tuned"));
    const reason = `${limitLine(int8, limit)}; tuned by hand, the same file runs at ${printed(byHand)} its float32`;
    add("int8 per-channel, against own float32", 1.8, againstFloat32(int8, float32), reason);
    add("int8 per-channel, against transformers.js q8", 3.3, faster(int8, "transformers-bun"), reason);
  }
  return found;
}

/** How many times as fast as the float32 file Patina runs an int8 one. */
function againstFloat32(int8: ContestResult, float32: ContestResult): Ratio {
  return ratio(perToken(float32, "patina"), perToken(int8, "patina"));
}

/** The targets for int8 are for the per-channel file; this says what holds for the other one. */
function weightsOnlyLine(contests: readonly ContestResult[]): string[] {
  const [float32, int8] = (["minilm-fp32", "minilm-int8-weights"] as const).map((model) =>
    contests.find((contest) => contest.model === model && contest.workload === "functions"),
  );
  if (float32 === undefined || int8 === undefined) return [];
  const own = printed(againstFloat32(int8, float32));
  const peer = printed(faster(int8, "transformers-bun"));
  return [
    `The file with int8 weights alone has no target: it multiplies in float32. Patina runs it at ${own} its float32 file, and at ${peer} transformers.js q8 on the same file.`,
  ];
}

/** What bounds a miss: how much of the machine's limit was reached, and what the best known use of the runtime reaches. */
function limitLine(contest: ContestResult, limit: number): string {
  const reached = (id: ContenderId) => percent(shareOfLimit(contest, id, limit));
  return `Patina reaches ${reached("patina")} of the float32 product limit, ONNX Runtime tuned by hand ${reached("hand-tuned")}`;
}

function shareOfLimit(contest: ContestResult, id: ContenderId, limit: number): number {
  return (contest.tokens * contest.operationsPerToken) / spread(seconds(contest, id)).median / limit;
}

/** How many times as fast as another Patina is. */
function faster(contest: ContestResult, other: ContenderId): Ratio {
  return ratio(seconds(contest, other), seconds(contest, "patina"));
}

function taking(contest: ContestResult): ContenderId[] {
  return CONTENDERS.map(({ id }) => id).filter((id) => contest.rounds[id] !== undefined);
}

function of(contest: ContestResult, id: ContenderId): readonly Round[] {
  const rounds = contest.rounds[id];
  if (rounds === undefined) throw new Error(`${id} did not take part with ${contest.model}`);
  return rounds;
}

function seconds(contest: ContestResult, id: ContenderId): number[] {
  return of(contest, id).map((round) => round.seconds);
}

function perToken(contest: ContestResult, id: ContenderId): number[] {
  return seconds(contest, id).map((value) => value / contest.tokens);
}
