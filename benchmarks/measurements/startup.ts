/** From starting a process to the vector it prints: what someone waits for who embeds one text. */
import { join } from "node:path";
import { type ContenderId, contender } from "../contenders.ts";
import { type Context, writeWork } from "../contest.ts";
import { type Measurement, type Section, short, table } from "../measurement.ts";
import { INT8_MODEL, MODELS } from "../models.ts";
import { untilQuiet } from "../others.ts";
import { demand, type Places, ROOT } from "../prepare.ts";
import { leastCosine, printed, ratio, type Spread, spread } from "../statistics.ts";

const MODEL = MODELS["minilm-int8"];
const TEXT = "hello";
const PEERS: readonly ContenderId[] = ["transformers-bun", "transformers-node", "fastembed-python"];
const PATINA = `\`patina embed "${TEXT}" --model ${INT8_MODEL}\``;

/** Milliseconds of each run. */
interface StartupRuns {
  /** Until the vector is printed. */
  readonly toVector: number[];
  /** Until the process has ended. */
  readonly toExit: number[];
}

interface StartupData {
  /** By label, Patina's last. */
  readonly runs: Readonly<Record<string, StartupRuns>>;
  readonly cosine: number;
}

/** Of transformers.js' time, at most. */
const MOST = 0.5;

export const startup: Measurement<StartupData> = {
  id: "startup",
  title: "Start-up",
  measure: async (context) => {
    const { places, patience, starts, say } = context;
    say(`start-up, ${starts} starts a side`);
    const commands = await commandsOf(context);
    const runs: Record<string, StartupRuns> = {};
    const vectors: Record<string, Float32Array> = {};
    // Once without the clock: files into the page cache, and the vectors to compare.
    for (const [label, command] of Object.entries(commands)) {
      const output = await start(places, command, { toVector: [], toExit: [] });
      vectors[label] = new Float32Array(JSON.parse(output).embedding);
      runs[label] = { toVector: [], toExit: [] };
    }
    await untilQuiet(patience);
    for (let run = 0; run < starts; run++) {
      for (const [label, command] of Object.entries(commands))
        await start(places, command, runs[label] as StartupRuns);
    }
    return { runs, cosine: agreement(vectors) };
  },
  render,
};

async function commandsOf(context: Context): Promise<Record<string, string[]>> {
  // The command runs from `dist`, as it is installed.
  demand([process.execPath, "x", "turbo", "run", "build", "--output-logs=errors-only"], {
    TURBO_TELEMETRY_DISABLED: "1",
  });
  const commands: Record<string, string[]> = {};
  for (const id of PEERS) {
    const peer = contender(id);
    const task = { task: "start", model: MODEL, texts: [TEXT], warmUp: 0 } as const;
    commands[short(peer.label)] = [
      ...peer.command(context.places),
      await writeWork(task, peer, context.places),
    ];
  }
  commands[PATINA] = [join(ROOT, "packages/cli/bin/patina"), "embed", TEXT, "--model", INT8_MODEL];
  return commands;
}

async function start(places: Places, command: readonly string[], into: StartupRuns): Promise<string> {
  const begin = performance.now();
  const child = Bun.spawn([...command], {
    // Outside any project, so that no recipe is read.
    cwd: places.folder,
    env: { ...process.env, PATINA_HOME: places.home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let output = "";
  let seen: number | undefined;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (output.includes("\n")) seen ??= performance.now() - begin;
  }
  const exitCode = await child.exited;
  if (exitCode !== 0 || seen === undefined) throw new Error(`${command.join(" ")} failed (${exitCode})`);
  into.toVector.push(seen);
  into.toExit.push(performance.now() - begin);
  return output;
}

/** The smallest cosine to Patina's vector. */
function agreement(vectors: Readonly<Record<string, Float32Array>>): number {
  const own = vectors[PATINA] as Float32Array;
  const cosine = Math.min(
    ...Object.values(vectors).map((vector) => leastCosine(own, vector, own.length, [0])),
  );
  // Not `<`: NaN has to fail as well. One text alone: here int8 has no batch-mates that could move it.
  if (!(cosine >= 0.9999)) throw new Error(`the sides print different vectors: cosine ${cosine}`);
  return cosine;
}

function render({ runs, cosine }: StartupData): Section {
  const cell = ({ median, least, most }: Spread) =>
    `${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`;
  const rows = Object.entries(runs).map(([label, { toVector, toExit }]) => [
    label,
    cell(spread(toVector)),
    cell(spread(toExit)),
  ]);
  const toVector = (label: string) => (runs[label] as StartupRuns).toVector;
  const share = ratio(toVector(PATINA), toVector(short(contender("transformers-bun").label)));
  return {
    markdown: `From starting the process to the printed vector of "${TEXT}", ${MODEL.label}. Median of ${toVector(PATINA).length} interleaved starts with
the files in the page cache; in brackets the fastest and the slowest. Smallest cosine between the sides: ${cosine.toFixed(6)}.

${table(["what ran", "to the vector", "to the end of the process"], rows)}`,
    targets: [
      {
        what: "process start to first vector, against transformers.js (Bun)",
        demanded: `≤ ${MOST}×`,
        got: printed(share),
        met: share.value <= MOST,
        because: `what both do is load ONNX Runtime and build a session of the same file; the process lives ${cell(spread((runs[PATINA] as StartupRuns).toExit))} in all`,
      },
    ],
    charts: [
      {
        title: "Process start to first vector",
        unit: "ms, less is better",
        bars: Object.entries(runs).map(([label, { toVector }]) => {
          const { median, least, most } = spread(toVector);
          const own = label === PATINA;
          return { label: own ? "patina embed" : label, value: median, from: least, to: most, own };
        }),
      },
    ],
  };
}
