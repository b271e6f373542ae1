/** `patina bench runtimes`, with a model of random weights that is there for both runtimes. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeComparison } from "@patina/evaluation";
import { RUNTIMES } from "../../engine/test/support/runtimes.ts";
import type { RuntimesReport } from "../src/actions/bench-runtimes.ts";
import { commandLine, environment, patina } from "./support/patina.ts";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome, type TinyVariant } from "./support/tiny-model.ts";

const both = test.if(RUNTIMES.includes("mlx"));

const ONNX: TinyVariant = { name: "fp32", facts: 'numerics = "float32"' };
const MLX: TinyVariant = { name: "fp32", runtime: "mlx", facts: 'numerics = "float32"' };
const BENCH = ["bench", "runtimes", TINY];

async function withBoth(): Promise<TinyHome> {
  const tiny = new TinyHome([ONNX, MLX]);
  for (const runtime of ["onnx", "mlx"]) {
    expect(await tiny.run(["model", "add", TINY, "--runtime", runtime])).toMatchObject({ code: 0 });
  }
  writeFileSync(join(tiny.folder, "texts.txt"), texts(14).join("\n"));
  return tiny;
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, text) => `text ${text} speaks of ${"something ".repeat(text)}`);
}

describe("a model on both runtimes", () => {
  both("is compared on the same texts, as JSON and as a file of the same", async () => {
    using tiny = await withBoth();
    const output = join(tiny.folder, "report.json");
    const args = [...BENCH, "--texts", "texts.txt", "--rounds", "1", "--json", "--output", output];
    const { code, out } = await tiny.run(args);
    expect(code).toBe(0);
    expect(readFileSync(output, "utf8")).toBe(out);
    const report = JSON.parse(out) as RuntimesReport;
    expect(report).toMatchObject({
      version: 1,
      model: TINY,
      rounds: 1,
      texts: "texts.txt",
      probe: { texts: 14, truncated: 0, queries: 14 },
      parity: {
        texts: 14,
        unlikeTokens: 0,
        interchangeable: true,
        neighbours: { of: 10, mean: 1, least: 1 },
      },
      speed: { batch: { faster: null, undecided: "few-rounds" }, query: { faster: null } },
    });
    // Both are held to the same reference within 2e-5 an element.
    expect(report.parity.lowest.cosine).toBeGreaterThan(0.99999);
    for (const figures of Object.values(report.runtimes)) {
      expect(figures).toMatchObject({ variant: "fp32", numerics: "float32", warnings: [] });
      expect(figures.tokensPerSecond.median).toBeGreaterThan(0);
      expect(figures.memory.peak).toBeGreaterThan(figures.memory.before);
    }
    expect(report.runtimes.onnx.encoderId).not.toBe(report.runtimes.mlx.encoderId);
    expect(report.verdict).toStartWith(`On this machine (${report.machine.processor}, `);
    expect(report.verdict).toContain("neither is called faster: that takes 3 rounds or more, not 1.");
    if (process.platform === "linux") {
      expect(report.runtimes.mlx.device).toBe("cpu");
      expect(report.verdict).toEndWith(
        "MLX ran on the CPU: its speed and memory here mean nothing for Apple Silicon, where it runs on the GPU.",
      );
    }
  });

  both("on passages of the project one is in, as a table with progress", async () => {
    using tiny = await withBoth();
    using repository = new Repository();
    for (const [index, text] of texts(12).entries()) repository.write(`${index}.txt`, `${text}\n`);
    repository.commit("Begin");
    const { code, out, error } = await tiny.run([...BENCH, "--rounds", "3"], repository.root);
    expect(code).toBe(0);
    expect(error).toContain("round 1 of 3, onnx: opening the model\n");
    expect(error).toContain("round 3 of 3, mlx: ");
    expect(out).toStartWith(`${TINY} on both runtimes, 3 rounds of each, in turns\n`);
    expect(out).toContain(`all 13 passages of ${repository.root}\n`);
    expect(out).toMatch(/\n {2}variant +fp32, float32 +fp32, float32\n/);
    expect(out).toMatch(/\n {2}cosine +lowest (0\.9999\d\d|1\.000000), mean/);
    expect(out).toContain("On this machine (");
    expect(out).not.toContain("neither is called faster");
  });

  both("what cannot be compared is an error", async () => {
    using tiny = await withBoth();
    writeFileSync(join(tiny.folder, "one.txt"), "a text\n");
    const run = async (...args: string[]) => {
      const { code, error } = await tiny.run([...BENCH, ...args]);
      return [code, error];
    };
    expect(await run("--texts", "one.txt")).toEqual([3, expect.stringContaining("on two texts or more")]);
    expect(await run("--texts", "none.txt")).toEqual([3, expect.stringContaining("no file none.txt")]);
    expect(await run()).toEqual([2, expect.stringMatching(/no project[\s\S]*--texts FILE/)]);
    expect(await run("--input", "jsonl")).toEqual([2, expect.stringContaining("there is no --texts")]);
    expect(await run("--rounds", "0")).toEqual([2, expect.stringContaining("at least 1")]);
    expect(await run("--variant-mlx", "q4")).toEqual([4, expect.stringContaining("q4")]);
  });

  both("an interrupt ends it and its process, and leaves no file", async () => {
    using tiny = await withBoth();
    const output = join(tiny.folder, "report.json");
    const args = [...BENCH, "--texts", "texts.txt", "--rounds", "1000", "--output", output];
    const child = Bun.spawn(commandLine(args), {
      cwd: tiny.folder,
      env: environment({ home: tiny.home, env: { TMPDIR: tiny.folder } }),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let told = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      const before = told;
      told += decoder.decode(chunk);
      const begun = (text: string): boolean => text.includes("round 2 of 1000, onnx");
      // Once: a second one ends the command before it has cleaned up.
      if (begun(told) && !begun(before)) child.kill("SIGINT");
    }
    expect(await child.exited).toBe(130);
    expect(told).toEndWith("error: interrupted\n");
    expect(existsSync(output)).toBe(false);
    // The folder of the work goes once the process that reads it has ended.
    expect([
      ...new Bun.Glob("{patina-bench-*,.report*}").scanSync({
        cwd: tiny.folder,
        dot: true,
        onlyFiles: false,
      }),
    ]).toEqual([]);
  });
});

describe("a side that is missing", () => {
  test("is told with the command that helps, both at once, and no half of a comparison", async () => {
    using tiny = new TinyHome([ONNX, MLX]);
    const { code, out, error } = await tiny.run([...BENCH, "--json"]);
    expect([code, out]).toEqual([4, ""]);
    const { message } = JSON.parse(error).error;
    expect(message).toContain(
      `${TINY} cannot be compared: no variant of ${TINY} for onnx is on this machine`,
    );
    expect(message).toContain(`\`patina model add ${TINY} --runtime onnx\``);
    expect(message).toContain(
      RUNTIMES.includes("mlx") ? `\`patina model add ${TINY} --runtime mlx\`` : "`bun run build:addon --mlx`",
    );
  });

  test("may be the build", async () => {
    using tiny = new TinyHome([ONNX, MLX]);
    await tiny.run(["model", "add", TINY, "--runtime", "onnx"]);
    const env = { PATINA_ADDON: "plain" };
    const { code, error } = await patina([...BENCH, "--json"], { cwd: tiny.folder, home: tiny.home, env });
    expect(code).toBe(4);
    const told = JSON.parse(error).error as { code: string; message: string };
    expect(told.code).toBe("RUNTIME_UNAVAILABLE");
    expect(told.message).toContain("this build has no MLX engine");
    expect(told.message).toContain("`bun run build:addon --mlx`");
  });

  both("names its own option where auto takes none of several", async () => {
    const near = (name: string): TinyVariant => ({ name, facts: 'numerics = "float16"' });
    using tiny = new TinyHome([near("a"), near("b"), MLX]);
    for (const [variant, runtime] of [
      ["a", "onnx"],
      ["b", "onnx"],
      ["fp32", "mlx"],
    ] as const) {
      await tiny.run(["model", "add", TINY, "--variant", variant, "--runtime", runtime]);
    }
    writeFileSync(join(tiny.folder, "texts.txt"), "one\ntwo\n");
    const { code, error } = await tiny.run([...BENCH, "--texts", "texts.txt"]);
    expect(code).toBe(4);
    expect(error).toContain("auto takes none");
    expect(error).toContain("here the option is `--variant-onnx NAME`");
    const args = [...BENCH, "--texts", "texts.txt", "--variant-onnx", "b", "--rounds", "1", "--json"];
    const named = await tiny.run(args);
    expect(named.code).toBe(0);
    const report = JSON.parse(named.out) as RuntimeComparison & { verdict: string };
    expect(report.runtimes.onnx).toMatchObject({ variant: "b", numerics: "float16" });
    expect(report.verdict).toContain(
      "The files differ in their numbers (float16 on ONNX Runtime, float32 on MLX)",
    );
  });
});
