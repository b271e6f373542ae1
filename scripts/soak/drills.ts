/** The drills of the index with many more rounds than a test run has time for. */
import { join } from "node:path";
import { ROOT } from "../../benchmarks/prepare.ts";
import type { Finding } from "../soak.ts";

/** Runs the drills of `packages/projections/test/drills`, each with so many rounds. */
export async function drills(rounds: number, say: (message: string) => void): Promise<Finding> {
  say(`drills of the index, ${rounds} rounds each`);
  const child = Bun.spawn([process.execPath, "test", "test/drills"], {
    cwd: join(ROOT, "packages/projections"),
    env: { ...process.env, PATINA_DRILL_ROUNDS: `${rounds}` },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [told, results] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const exitCode = await child.exited;
  // What the drills say of themselves, their seeds first.
  const lines = told.split("\n").filter((line) => /SEED=|kills within|searches saw/.test(line));
  return {
    title: "Drills of the index",
    text:
      `${rounds} rounds each of: SIGKILL during runs, rollbacks and removals, runs beside each other, searches during swaps, ` +
      `files that may not grow, full and read-only disks.\n\n${lines.map((line) => `- ${line}`).join("\n")}`,
    failures: exitCode === 0 ? [] : [`the drills ended with ${exitCode}: ${results.slice(-4_000)}`],
  };
}
