/** From starting a process to the vector it prints: what someone waits for who embeds one text. */
import { join } from "node:path";
import { MODEL } from "./contender.ts";
import { untilQuiet } from "./others.ts";
import { demand, type Places, ROOT } from "./prepare.ts";
import { leastCosine } from "./statistics.ts";

/** Milliseconds of each run. */
export interface StartupRuns {
  /** Until the vector is printed. */
  readonly toVector: number[];
  /** Until the process has ended. */
  readonly toExit: number[];
}

/** Both sides of the comparison. */
export interface StartupResult {
  readonly patina: StartupRuns;
  readonly transformers: StartupRuns;
  readonly cosine: number;
}

/** Measures `runs` interleaved starts of each side, after one of each that is not counted (files into the cache). */
export async function measureStartup(places: Places, runs: number, patience: number): Promise<StartupResult> {
  // The command runs from `dist`, as it is installed.
  demand([process.execPath, "x", "turbo", "run", "build", "--output-logs=errors-only"], {
    TURBO_TELEMETRY_DISABLED: "1",
  });
  const patina = [
    join(ROOT, "packages/cli/bin/patina"),
    "embed",
    "hello",
    "--model",
    MODEL,
    "--variant",
    "int8",
  ];
  const transformers = [
    process.execPath,
    join(import.meta.dir, "startup-transformers.ts"),
    places.peersFolder,
    places.modelsFolder,
  ];
  const result: StartupResult = {
    patina: { toVector: [], toExit: [] },
    transformers: { toVector: [], toExit: [] },
    cosine: await agreement(places, patina, transformers),
  };
  await untilQuiet(patience);
  for (let run = 0; run < runs; run++) {
    await start(places, transformers, result.transformers);
    await start(places, patina, result.patina);
  }
  return result;
}

async function start(places: Places, command: string[], into: StartupRuns): Promise<string> {
  const begin = performance.now();
  const child = Bun.spawn(command, {
    // Outside any project, so that no recipe is read.
    cwd: places.folder,
    env: { ...process.env, PATINA_HOME: places.home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let output = "";
  let printed: number | undefined;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (output.includes("\n")) printed ??= performance.now() - begin;
  }
  const exitCode = await child.exited;
  if (exitCode !== 0 || printed === undefined) throw new Error(`${command.join(" ")} failed (${exitCode})`);
  into.toVector.push(printed);
  into.toExit.push(performance.now() - begin);
  return output;
}

async function agreement(places: Places, ...commands: [string[], string[]]): Promise<number> {
  const [left, right] = await Promise.all(
    commands.map(async (command) => {
      const output = await start(places, command, { toVector: [], toExit: [] });
      return new Float32Array(JSON.parse(output).embedding);
    }),
  );
  if (left === undefined || right === undefined) throw new Error("there are two commands to compare");
  const cosine = leastCosine(left, right, left.length, [0]);
  // Not `<`: NaN has to fail as well.
  if (!(cosine >= 0.9999)) throw new Error(`the two sides print different vectors: cosine ${cosine}`);
  return cosine;
}
