/**
 * Texts for measuring throughput: functions of the machine's Python standard library. They are real, of mixed length
 * (mean 108 tokens in MiniLM's vocabulary when cut at 256), the same at each run, and none of them has to be committed.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT: string = fileURLToPath(new URL("./python_functions.py", import.meta.url));

/** A thousand functions are 0.5 MB of JSON; the whole library is below this. */
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/**
 * Returns `count` functions of the standard library of `python3`, in an order that mixes their lengths.
 *
 * @throws when there is no such program, or its library has not as many functions, with what to do about it.
 */
export function benchmarkTexts(count: number): string[] {
  const finished = spawnSync("python3", [SCRIPT, String(count)], {
    encoding: "utf8",
    maxBuffer: LARGEST_OUTPUT,
  });
  if (finished.error !== undefined || finished.status !== 0) {
    const reason = finished.error?.message ?? finished.stderr.trim();
    throw new Error(
      `The benchmark's texts come from Python's standard library, and python3 could not give them: ${reason}. ` +
        "Install Python 3.9 or newer with its library in source form, as python3 on the PATH.",
      { cause: finished.error },
    );
  }
  return JSON.parse(finished.stdout) as string[];
}
