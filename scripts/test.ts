/**
 * Runs every suite of both languages and ends with the line `N passed, N failed` over all of them. A suite that ran no
 * test fails: a green run has to mean that something was tested. MLX is brought first (scripts/mlx), and the addon with it.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { MlxToolchain } from "./mlx/toolchain.ts";
import { mlxWhereverPossible } from "./mlx/wherever.ts";

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  /** Reads the counts out of what the suite printed. */
  readonly count: (output: string) => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const root = join(import.meta.dir, "..");
const bun = join(root, "node_modules/.bin/bun");

/** Cargo prints a result line for each test program. */
function cargoCounts(output: string): Counts {
  let passed = 0;
  let failed = 0;
  for (const match of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)) {
    passed += Number(match[1]);
    failed += Number(match[2]);
  }
  return { passed, failed };
}

/** Bun prints ` N pass` and ` N fail` at the end. */
function bunCounts(output: string): Counts {
  const number = (word: string) => Number(output.match(new RegExp(`^\\s*(\\d+) ${word}$`, "m"))?.[1] ?? 0);
  return { passed: number("pass"), failed: number("fail") };
}

function suites(mlx?: MlxToolchain): Suite[] {
  // The program that writes MLX's bindings has no tests, and takes long to build.
  const crates = ["--workspace", "--exclude", "mlx-bindings", "--locked", "--no-fail-fast"];
  const cargo = [
    "cargo",
    "test",
    ...crates,
    ...(mlx ? ["--features", "patina-embed/mlx", ...mlx.arguments] : []),
  ];
  const all: Suite[] = [{ name: "crates", command: cargo, directory: root, count: cargoCounts }];
  for (const parent of ["packages", "."]) {
    for (const entry of readdirSync(join(root, parent), { withFileTypes: true })) {
      const directory = join(root, parent, entry.name);
      const tested = parent === "packages" || entry.name === "scripts";
      if (!entry.isDirectory() || !tested) continue;
      all.push({
        name: entry.name,
        command: [bun, "test", "--timeout", "120000"],
        directory,
        count: bunCounts,
      });
    }
  }
  return all;
}

async function run(
  suite: Suite,
  environment: Readonly<Record<string, string>>,
): Promise<Counts & { exitCode: number; failures: readonly string[] }> {
  const child = Bun.spawn([...suite.command], {
    cwd: suite.directory,
    env: {
      ...process.env,
      ...environment,
      PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const copy = async (from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream) => {
    const decoder = new TextDecoder();
    for await (const chunk of from) {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      to.write(text);
    }
  };
  await Promise.all([copy(child.stdout, process.stdout), copy(child.stderr, process.stderr)]);
  const exitCode = await child.exited;
  // Bun's and Cargo's line for a test that failed: at the end they are found again without reading everything.
  const failures = [...new Set(output.match(/^(?:\(fail\) .*|test .* \.\.\. FAILED)$/gm))];
  return { ...suite.count(output), exitCode, failures };
}

const only = process.argv.slice(2);
const unknown = only.filter((name) => !suites().some((suite) => suite.name === name));
if (unknown.length > 0) {
  const known = suites().map(({ name }) => name);
  console.error(`error: no suite is called ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}
const mlx = mlxWhereverPossible();
if (mlx) {
  console.log("\u25b8 the addon with MLX");
  const { exitCode } = Bun.spawnSync([bun, "scripts/build-addon.ts", "--mlx"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) process.exit(exitCode ?? 1);
}
const totals = { passed: 0, failed: 0 };
const problems: string[] = [];
const lines: string[] = [];
for (const suite of suites(mlx)) {
  if (only.length > 0 && !only.includes(suite.name)) continue;
  console.log(`\n\u25b8 ${suite.name}`);
  const started = performance.now();
  const { passed, failed, exitCode, failures } = await run(suite, mlx?.environment ?? {});
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  lines.push(`${suite.name.padEnd(14)} ${passed} passed, ${failed} failed in ${seconds} s`);
  lines.push(...failures.map((failure) => `  ${failure}`));
  totals.passed += passed;
  totals.failed += failed;
  if (passed + failed === 0) problems.push(`${suite.name} ran no test`);
  else if (exitCode !== 0 && failed === 0) problems.push(`${suite.name} ended with exit code ${exitCode}`);
}

console.log(`\n${lines.join("\n")}`);
for (const problem of problems) console.error(`failed: ${problem}`);
console.log(`${totals.passed} passed, ${totals.failed + problems.length} failed`);
process.exit(totals.failed + problems.length === 0 ? 0 : 1);
