import { join } from "node:path";

/** The checkout. */
export const CHECKOUT: string = join(import.meta.dir, "../../../..");

/** One folder of models for all tests that use the quick-start model, so that it is fetched once. */
export const TEST_HOME: string = join(CHECKOUT, "target", "test-home");

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** What a run of the command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** How a run of the command is started. */
export interface RunOptions {
  readonly cwd?: string;
  readonly home?: string;
  readonly env?: Record<string, string>;
  readonly input?: string | Uint8Array;
}

/** The command line that runs the command from its source, as the launcher runs what is built. */
export function commandLine(args: readonly string[]): string[] {
  return [process.execPath, "--no-env-file", "--config=/dev/null", "--no-install", MAIN, ...args];
}

/** The environment of a run: this process's own (pip may need a proxy), without what changes the command. */
export function environment({ home, env }: RunOptions = {}): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(PATINA_|HF_|NO_COLOR$|FORCE_COLOR$)/.test(name),
  );
  return { ...Object.fromEntries(own), PATINA_HOME: home ?? TEST_HOME, ...env };
}

/** Runs the command to its end, with pipes for all its streams. */
export async function patina(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = Bun.spawn(commandLine(args), {
    cwd: options.cwd ?? CHECKOUT,
    env: environment(options),
    stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, error };
}

/** The files that a run of the command, which has to succeed and say nothing else on its standard error, had loaded. */
export async function loadedBy(args: readonly string[], options: RunOptions = {}): Promise<string[]> {
  const [bun = "", ...rest] = commandLine(args);
  const child = Bun.spawn([bun, "--preload", join(import.meta.dir, "tell-modules.ts"), ...rest], {
    cwd: options.cwd ?? CHECKOUT,
    env: environment(options),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [told, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${told}`);
  return JSON.parse(told);
}
