/**
 * Qwen3-Embedding's true shapes on MLX, with random weights: each is opened from disk and embeds one short text. Opening
 * has to be bounded by reading the file, and memory by its size. `bun scripts/soak/mlx-shapes.ts` runs this part alone
 * and prints it.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machine } from "../../benchmarks/machine.ts";
import { demand, ROOT } from "../../benchmarks/prepare.ts";
import { mlxToolchain } from "../mlx/toolchain.ts";
import { type MlxShape, shapedMlxModel } from "../shaped-models.ts";
import type { Finding } from "../soak.ts";

/** Each shape, and how many numbers its vectors have to have. */
const SHAPES: readonly { shape: MlxShape; dimension: number }[] = [
  { shape: "qwen3-0.6b-bfloat16", dimension: 1024 },
  { shape: "qwen3-4b-4bit", dimension: 2560 },
  { shape: "qwen3-8b-4bit", dimension: 4096 },
];
/** Short, since bfloat16 and 4 bits run at a few GFLOP/s on a CPU: a token of the 8B model takes seconds there. */
const TEXT = "what protects copper?";
const MOST_TOKENS = 32_768;

/** Opening may take so many times what reading the same bytes into memory takes, and this beside it: the tokenizer, threads. */
const MOST_READINGS = 1.3;
const SECONDS_BESIDE = 1;
/** The process may take so many times the weights' file: more is a second copy of some of it. */
const MOST_FILES = 1.3;

/** A program and what it needs in its environment. */
interface Program {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the example `mlx_cost` prints. */
interface Cost {
  readonly openSeconds: number;
  readonly openPeakBytes: number;
  readonly weightBytes: number;
  readonly textSeconds: number;
  readonly textPeakBytes: number;
  readonly tokens: number;
  readonly dimension: number;
  readonly finite: boolean;
  readonly length: number;
}

/** One run of it. */
interface Run extends Cost {
  /** Largest resident set of the process. */
  readonly residentBytes: number;
  /** Reading the weights in the same state of the page cache, just before. */
  readonly readSeconds: number;
}

/** Opens each shape with the file in the page cache and without, by the example `mlx_cost`. */
export function mlxShapes(program: Program, say: (message: string) => void): Finding {
  const rows: string[] = [];
  const failures: string[] = [];
  for (const { shape, dimension } of SHAPES) {
    say(`${shape} on MLX`);
    const folder = shapedMlxModel(shape);
    const file = join(folder, "model.safetensors");
    const spec = writeSpec(shape, folder, dimension);
    const bytes = statSync(file).size;
    for (const cached of [false, true]) {
      const readSeconds = read(file, cached);
      if (!cached) dropFromCache(file);
      const run = { ...runProgram(program, spec), readSeconds };
      const cache = cached ? "warm" : "cold";
      rows.push(row(shape, bytes, cache, run));
      failures.push(...problems(run, bytes, dimension).map((problem) => `${shape}, ${cache}: ${problem}`));
    }
  }
  const head = [
    "model",
    "file",
    "cache",
    "reading it into memory",
    "opening it",
    "MLX's peak then",
    "tokens",
    "embedding them",
    "MLX's peak beside the weights",
    "largest resident set",
  ];
  const table = [head, head.map(() => "---")].map((cells) => `| ${cells.join(" | ")} |`);
  return {
    title: "Qwen3-Embedding's true shapes on MLX",
    text: [...table, ...rows].join("\n"),
    failures,
  };
}

function problems(run: Run, bytes: number, dimension: number): string[] {
  const found: string[] = [];
  const allowed = MOST_READINGS * run.readSeconds + SECONDS_BESIDE;
  if (run.openSeconds > allowed) {
    found.push(`opening took ${seconds(run.openSeconds)}, and reading ${seconds(run.readSeconds)}`);
  }
  if (run.openPeakBytes > MOST_FILES * bytes) {
    found.push(`MLX held ${gigabytes(run.openPeakBytes)} while a file of ${gigabytes(bytes)} was opened`);
  }
  if (run.dimension !== dimension) found.push(`the vector has ${run.dimension} numbers, not ${dimension}`);
  if (!run.finite || Math.abs(run.length - 1) > 1e-3) found.push(`the vector's length is ${run.length}`);
  return found;
}

function row(shape: MlxShape, bytes: number, cache: string, run: Run): string {
  const cells = [
    shape,
    gigabytes(bytes),
    cache,
    seconds(run.readSeconds),
    seconds(run.openSeconds),
    gigabytes(run.openPeakBytes),
    `${run.tokens}`,
    seconds(run.textSeconds),
    gigabytes(run.textPeakBytes - run.weightBytes),
    gigabytes(run.residentBytes),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Builds the example in release mode. */
export function mlxCostProgram(): Program {
  const { arguments: toolchain, environment } = mlxToolchain();
  const build = ["build", "--release", "--locked", "--package", "patina-embed", "--features", "mlx"];
  demand(["cargo", ...toolchain, ...build, "--example", "mlx_cost"]);
  return { path: join(ROOT, "target/release/examples/mlx_cost"), environment };
}

/** The digests are not the files': nothing compares them here, and they would take longer than what is measured. */
function writeSpec(shape: MlxShape, folder: string, dimension: number): string {
  const file = (role: string, name: string) => ({ role, path: join(folder, name), sha256: "0".repeat(64) });
  const spec = {
    key: shape,
    name: shape,
    architecture: "qwen3",
    dimension,
    maxTokens: MOST_TOKENS,
    pooling: "last",
    normalize: true,
    variant: "random",
    runtime: "mlx",
    files: [
      file("weights", "model.safetensors"),
      file("tokenizer", "tokenizer.json"),
      file("config", "config.json"),
    ],
  };
  mkdirSync(join(ROOT, "target/soak"), { recursive: true });
  const path = join(ROOT, "target/soak/mlx-spec.json");
  writeFileSync(path, JSON.stringify(spec));
  return path;
}

function runProgram({ path, environment }: Program, spec: string): Omit<Run, "readSeconds"> {
  const env = { ...process.env, ...environment };
  const child = Bun.spawnSync([path, spec], { stdin: Buffer.from(TEXT), env });
  if (child.exitCode !== 0) {
    throw new Error(`${path} ${spec} ended with ${child.exitCode ?? child.signalCode}: ${child.stderr}`);
  }
  const cost = JSON.parse(child.stdout.toString()) as Cost;
  return { ...cost, residentBytes: child.resourceUsage.maxRSS };
}

/**
 * Seconds to read the file once into memory that is new, as whoever opens it has to, from the page cache (into which it is
 * read before) or from the disk. Over one small buffer the same bytes take a tenth of it: most is the system's zeroed pages.
 */
function read(file: string, cached: boolean): number {
  if (cached) demand(["dd", `if=${file}`, "of=/dev/null", "bs=4M", "status=none"]);
  else dropFromCache(file);
  const begin = performance.now();
  demand([
    ...["dd", `if=${file}`, "of=/dev/null", `bs=${statSync(file).size}`],
    ...["count=1", "iflag=fullblock", "status=none"],
  ]);
  return (performance.now() - begin) / 1000;
}

/** Has the system forget the file's pages. Those that are not on disk yet cannot be forgotten. */
function dropFromCache(file: string): void {
  demand(["sync", file]);
  demand(["dd", `if=${file}`, "iflag=nocache", "count=0", "status=none"]);
}

const seconds = (value: number) => `${value.toFixed(2)} s`;
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

if (import.meta.main) {
  const { title, text, failures } = mlxShapes(mlxCostProgram(), (message) =>
    console.error(`\u25b8 ${message}`),
  );
  console.log(
    `## ${title}\n\n${machine()}\n\n${text}\n\n${failures.map((line) => `- FAILED: ${line}`).join("\n")}`,
  );
  process.exit(failures.length === 0 ? 0 : 1);
}
