/** Damaged files for minutes, and a thousand engines that come and go, in both languages: the long runs of tests. */
import { join } from "node:path";
import { ROOT } from "../../benchmarks/prepare.ts";
import type { Finding } from "../soak.ts";

/** Engines that are opened and closed one after the other. */
const CYCLES = 1_000;

/** Runs the suites that take their length from the environment, `seconds` of damaged files each. */
export function robustness(seconds: number, say: (message: string) => void): Finding {
  const cargo = ["cargo", "test", "--release", "--locked", "--package", "patina-embed"];
  const engine = join(ROOT, "packages/engine");
  const runs: [string, string[], string][] = [
    [
      "Rust",
      [
        ...cargo,
        "--test",
        "damaged_files",
        "--test",
        "damaged_graphs",
        "--test",
        "reopen",
        "--",
        "--nocapture",
      ],
      ROOT,
    ],
    ["TypeScript", [process.execPath, "test", "damaged-files"], engine],
    ["TypeScript", [process.execPath, "test", "lifecycle", "-t", "come and go"], engine],
  ];
  const lines: string[] = [];
  const failures: string[] = [];
  for (const [language, command, cwd] of runs) {
    say(`${language}: ${command.slice(1).join(" ")}`);
    const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
      cwd,
      env: { ...process.env, PATINA_FUZZ_SECONDS: `${seconds}`, PATINA_LIFECYCLE_CYCLES: `${CYCLES}` },
    });
    const output = `${stdout}\n${stderr}`;
    const told = output.match(/^.*(?:cases from|resident after).*$/gm) ?? [];
    lines.push(...told.map((line) => `- ${language}: ${line.trim()}`));
    if (exitCode !== 0) failures.push(`${language}: ${output.trim().split("\n").slice(-40).join("\n")}`);
  }
  const title = `Damaged files for ${seconds} s a language, and ${CYCLES} engines that come and go`;
  return { title, text: lines.join("\n"), failures };
}
