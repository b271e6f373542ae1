/** Runs contenders: each pass in a process of its own, with the share of the machine that others took meanwhile. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Work } from "./contender.ts";
import type { Contender } from "./contenders.ts";
import { machineTime, shareOfOthers, untilQuiet } from "./others.ts";
import { digestsOf } from "./patina-spec.ts";
import type { Places } from "./prepare.ts";

/** What a measurement runs with. */
export interface Context {
  readonly places: Places;
  /** Interleaved rounds. */
  readonly rounds: number;
  /** Starts a side of the start-up measurement. */
  readonly starts: number;
  /** Fewer texts, for a look rather than a result. */
  readonly quick: boolean;
  /** Seconds to wait for a quiet machine before each pass. */
  readonly patience: number;
  readonly say: (message: string) => void;
}

/** What a program printed, and the share of the processors that others took while it lived, 0 to 1. */
export type Measured<T> = T & { readonly others: number };

/** Runs a command once the machine is quiet; what it prints last is one line of JSON. */
export async function runProgram<T>(
  command: readonly string[],
  { patience }: Pick<Context, "patience">,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured<T>> {
  await untilQuiet(patience);
  const before = machineTime();
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    env: { ...process.env, ...env },
  });
  const output = await new Response(child.stdout).text();
  const exitCode = await child.exited;
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed (${exitCode})`);
  const { cpuTime } = child.resourceUsage() ?? {};
  if (cpuTime === undefined) throw new Error(`${command.join(" ")}: its processor time is not known`);
  const others = shareOfOthers(before, Number(cpuTime.total) / 1e6);
  return { ...(JSON.parse(output.trim().split("\n").at(-1) as string) as T), others };
}

/** The part of the work that a measurement decides; where things lie is added here. */
export type Task = Omit<Work, "modelsFolder" | "peersFolder" | "vectorsFile" | "digests">;

/** Has a contender do a task. */
export async function runContender<T>(
  contender: Contender,
  task: Task,
  context: Context,
): Promise<Measured<T>> {
  const file = await writeWork(task, contender, context.places);
  return runProgram<T>([...contender.command(context.places), file], context);
}

/** Writes the work file of a contender, and returns its path. */
export async function writeWork(task: Task, contender: Contender, places: Places): Promise<string> {
  const { folder, modelsFolder, peersFolder } = places;
  const digests = await digestsOf(task.model, modelsFolder);
  const work: Work = {
    ...task,
    modelsFolder,
    peersFolder,
    digests,
    vectorsFile: vectorsFile(places, contender),
  };
  const file = join(folder, `work-${contender.id}.json`);
  writeFileSync(file, JSON.stringify(work));
  return file;
}

/** Where a contender leaves its vectors. */
export function vectorsFile({ folder }: Places, { id }: Contender): string {
  return join(folder, `vectors-${id}.f32`);
}
