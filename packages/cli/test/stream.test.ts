import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, environment } from "./support/patina.ts";
import { haveQuickStartModel } from "./support/quick-start.ts";

beforeAll(haveQuickStartModel, 120_000);

/** Peak resident memory in bytes of an `embed --input jsonl` that is fed `count` records of `size` bytes each. */
async function peakMemory(count: number, size: number): Promise<number> {
  const child = Bun.spawn(commandLine(["embed", "--input", "jsonl"]), {
    env: environment(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const padding = "x".repeat(size);
  const feed = async (): Promise<void> => {
    for (let index = 0; index < count; index++) {
      child.stdin.write(`${JSON.stringify({ id: index, text: "a", padding })}\n`);
      await child.stdin.flush();
    }
    await child.stdin.end();
  };
  let rows = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of child.stdout)
      rows += chunk.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
  };
  await Promise.all([feed(), read()]);
  expect(await child.exited).toBe(0);
  expect(rows).toBe(count);
  return child.resourceUsage()?.maxRSS ?? Number.POSITIVE_INFINITY;
}

describe("a stream of texts", () => {
  test("takes the same memory however long it is", async () => {
    // 50 and 250 MB; both are far past what the garbage collector lets lie around.
    const short = await peakMemory(500, 100_000);
    const long = await peakMemory(2500, 100_000);
    expect(long - short).toBeLessThan(80_000_000);
  }, 120_000);

  test("is answered while its writer waits, and ends with 130 when it is interrupted", async () => {
    const child = Bun.spawn(commandLine(["embed"]), {
      env: environment(),
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    child.stdin.write("a question\n");
    await child.stdin.flush();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toStartWith('{"index":0,');
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(await new Response(child.stderr).text()).toBe("error: interrupted\n");
  }, 30_000);

  test("ends quietly when its reader goes, though its input goes on", async () => {
    const source = Bun.spawn(["yes", "again"], { stdout: "pipe", stderr: "ignore" });
    const child = Bun.spawn(commandLine(["embed"]), {
      env: environment(),
      stdin: source.stdout,
      stdout: "pipe",
      stderr: "pipe",
    });
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stderr).text()).toBe("");
    source.kill();
  }, 30_000);
});

test("printing waits for a slow reader", async () => {
  const output = join(import.meta.dir, "../src/terminal/output.ts");
  // The timer can only fire while the print is waiting: a megabyte is more than any pipe takes at once.
  const program = `
    import { print } from ${JSON.stringify(output)};
    setTimeout(() => process.stderr.write("waiting\\n"), 50);
    await print("x".repeat(1_000_000));
    process.stderr.write("printed\\n");
  `;
  const folder = mkdtempSync(join(tmpdir(), "patina-print-"));
  const go = join(folder, "go");
  Bun.spawnSync(["mkfifo", go]);
  // The shell's pipe, since Bun reads the pipes of its children ahead. The reader begins when it is told to.
  const child = Bun.spawn(
    ["sh", "-c", `"$0" -e "$1" | { read -r _ < "$2"; wc -c; }`, process.execPath, program, go],
    {
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const told = child.stderr.getReader();
  expect(new TextDecoder().decode((await told.read()).value)).toBe("waiting\n");
  writeFileSync(go, "go\n");
  expect(new TextDecoder().decode((await told.read()).value)).toBe("printed\n");
  expect((await new Response(child.stdout).text()).trim()).toBe("1000000");
  rmSync(folder, { recursive: true });
});
