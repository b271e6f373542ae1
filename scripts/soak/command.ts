/** The `patina` command as the soak runs it: built, with the benchmark's models, outside any project but the given one. */
import { join } from "node:path";
import { type Places, ROOT } from "../../benchmarks/prepare.ts";

/** Starts the command. */
export function start(
  places: Pick<Places, "home">,
  directory: string,
  args: readonly string[],
  stdin: "ignore" | Bun.BunFile,
): Bun.Subprocess<"ignore" | Bun.BunFile, "pipe", "pipe"> {
  return Bun.spawn([join(ROOT, "packages/cli/bin/patina"), ...args], {
    cwd: directory,
    env: { ...process.env, PATINA_HOME: places.home },
    stdin,
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs the command to its end and returns what it printed as JSON. */
export async function runJson(
  places: Pick<Places, "home">,
  directory: string,
  args: readonly string[],
): Promise<unknown> {
  const child = start(places, directory, [...args, "--json"], "ignore");
  const [output, problems] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) {
    throw new Error(`patina ${args.join(" ")} ended with ${child.exitCode}: ${problems}`);
  }
  return JSON.parse(output);
}

/** Milliseconds that the command takes to its end. Throws where it fails. */
export function timed(home: string, directory: string, args: readonly string[]): number {
  const begin = performance.now();
  const child = Bun.spawnSync([join(ROOT, "packages/cli/bin/patina"), ...args], {
    cwd: directory,
    env: { ...process.env, PATINA_HOME: home },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const milliseconds = performance.now() - begin;
  if (child.exitCode !== 0)
    throw new Error(`patina ${args.join(" ")} ended with ${child.exitCode}: ${child.stderr}`);
  return milliseconds;
}
