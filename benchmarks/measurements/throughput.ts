/** Texts through each contender, in interleaved rounds, every pass in a process of its own. */
import { join } from "node:path";
import { type Agreement, agreedTokens, agreement } from "../agreement.ts";
import type { Pass } from "../contender.ts";
import { CONTENDERS, type Contender, type ContenderId } from "../contenders.ts";
import { type Context, type Measured, runContender, runProgram } from "../contest.ts";
import type { Measurement } from "../measurement.ts";
import { type Configuration, MODELS, type ModelId, operationsPerToken } from "../models.ts";
import { PYTHON_PROGRAMS } from "../peers.ts";
import { configurationOf } from "../prepare.ts";
import { type Workload, workloadTexts } from "../texts.ts";
import { renderThroughput } from "./throughput-page.ts";

/** The same texts and weights for everyone who takes part. */
interface Contest {
  readonly model: ModelId;
  readonly workload: Workload;
  readonly texts: number;
  /** Of a quick run. */
  readonly few: number;
  /** Everyone who is measured with the model, less these. */
  readonly without?: readonly ContenderId[];
}

/** Left out where they would add minutes and no insight. */
const PEERS_OF_LESSER_INTEREST: readonly ContenderId[] = [
  "transformers-node",
  "fastembed-npm",
  "fastembed-python",
  "onnxruntime-node",
];

const CONTESTS: readonly Contest[] = [
  { model: "minilm-fp32", workload: "functions", texts: 300, few: 100 },
  { model: "minilm-int8", workload: "functions", texts: 300, few: 100 },
  {
    model: "minilm-int8-weights",
    workload: "functions",
    texts: 300,
    few: 100,
    without: PEERS_OF_LESSER_INTEREST,
  },
  // fastembed of npm pads a query of ten tokens to the limit of 256.
  { model: "minilm-fp32", workload: "queries", texts: 600, few: 200, without: ["fastembed-npm"] },
  { model: "minilm-fp32", workload: "passages", texts: 150, few: 60, without: ["fastembed-npm"] },
  { model: "e5-base-fp32", workload: "functions", texts: 32, few: 16, without: PEERS_OF_LESSER_INTEREST },
];

const WARM_UP = 64;
const QUICK_WARM_UP = 16;

/** A pass without its tokens, which are the same for everyone. */
export type Round = Omit<Measured<Pass>, "tokens">;

export interface ContestResult {
  readonly model: ModelId;
  readonly workload: Workload;
  readonly texts: number;
  /** Over all texts, special tokens included, padding not; the same count for everyone. */
  readonly tokens: number;
  readonly operationsPerToken: number;
  readonly rounds: Readonly<Partial<Record<ContenderId, readonly Round[]>>>;
  readonly agreement: Agreement;
}

export interface ThroughputData {
  readonly contests: readonly ContestResult[];
  /** float32 products, operations a second, by library. */
  readonly peak: Readonly<Record<string, number>>;
}

export const throughput: Measurement<ThroughputData> = {
  id: "throughput",
  title: "Throughput",
  measure: async (context) => {
    context.say("throughput: the machine's matrix products");
    const command = [context.places.python, join(PYTHON_PROGRAMS, "gemm_peak.py")];
    const { others, ...peak } = await runProgram<Record<string, number>>(command, context);
    const running = CONTESTS.map((contest) => new RunningContest(contest, context));
    for (let round = 1; round <= context.rounds; round++)
      for (const contest of running) await contest.run(round);
    return { contests: running.map((contest) => contest.result()), peak };
  },
  render: renderThroughput,
};

class RunningContest {
  readonly #contest: Contest;
  readonly #context: Context;
  readonly #texts: readonly string[];
  readonly #contenders: readonly Contender[];
  readonly #passes = new Map<Contender, Measured<Pass>[]>();
  #agreement: Agreement = {};

  constructor(contest: Contest, context: Context) {
    this.#contest = contest;
    this.#context = context;
    const { modelsFolder } = context.places;
    const tokenizer = join(modelsFolder, MODELS[contest.model].folder, "tokenizer.json");
    this.#texts = workloadTexts(contest.workload, context.quick ? contest.few : contest.texts, tokenizer);
    this.#contenders = CONTENDERS.filter(
      ({ id, models }) =>
        contest.without?.includes(id) !== true && (models === undefined || models.includes(contest.model)),
    );
  }

  /** Once through all contenders. */
  async run(round: number): Promise<void> {
    const model = MODELS[this.#contest.model];
    const { say, rounds, places, quick } = this.#context;
    const warmUp = quick ? QUICK_WARM_UP : WARM_UP;
    for (const contender of this.#contenders) {
      const task = { task: "throughput", model, texts: this.#texts, warmUp } as const;
      const pass = await runContender<Pass>(contender, task, this.#context);
      this.#passes.set(contender, [...(this.#passes.get(contender) ?? []), pass]);
      const figures = `${pass.seconds.toFixed(2)} s, others ${(pass.others * 100).toFixed(0)} %`;
      say(`${model.id}, ${this.#contest.workload}, round ${round} of ${rounds}: ${contender.id} ${figures}`);
    }
    // The next contest writes its vectors where these are.
    const tokens = agreedTokens(this.#passes);
    this.#agreement = agreement(places, model, this.#contenders, tokens);
  }

  result(): ContestResult {
    const { model, workload } = this.#contest;
    const tokens = agreedTokens(this.#passes).reduce((sum, count) => sum + count, 0);
    const rounds = [...this.#passes].map(([{ id }, passes]) => [
      id,
      passes.map(({ tokens, ...round }) => round),
    ]);
    return {
      model,
      workload,
      texts: this.#texts.length,
      tokens,
      operationsPerToken: operationsPerToken(
        MODELS[model],
        configurationOf<Configuration>(MODELS[model], this.#context.places),
      ),
      rounds: Object.fromEntries(rounds),
      agreement: this.#agreement,
    };
  }
}
