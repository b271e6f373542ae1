/**
 * Texts for measuring: functions of the machine's Python standard library and lines of its documentation. They are
 * real, of mixed length (mean 108 tokens in MiniLM's vocabulary when cut at 256), the same at each run, and none of
 * them has to be committed.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SCRIPT: string = fileURLToPath(new URL("./python/texts.py", import.meta.url));

/** A thousand functions are 0.5 MB of JSON; the whole library is below this. */
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** `functions`: mixed length. `queries`: one line, about ten tokens. `passages`: {@link PASSAGE_TOKENS} tokens each. */
export type Workload = "functions" | "queries" | "passages";

/** Tokens of a passage, the two special ones included. */
export const PASSAGE_TOKENS = 128;

/**
 * Returns `count` functions of the standard library of `python3`, in an order that mixes their lengths.
 *
 * @throws when there is no such program, or its library has not as many functions, with what to do about it.
 */
export function benchmarkTexts(count: number): string[] {
  return libraryTexts("functions", count);
}

/** `count` first lines of the documentation of that library's functions. */
export function benchmarkQueries(count: number): string[] {
  return libraryTexts("queries", count);
}

/** `count` texts of a workload; passages are made of words of the vocabulary in `tokenizerFile`. */
export function workloadTexts(workload: Workload, count: number, tokenizerFile: string): string[] {
  return workload === "passages"
    ? passages(count, PASSAGE_TOKENS - 2, tokenizerFile)
    : libraryTexts(workload, count);
}

function libraryTexts(kind: "functions" | "queries", count: number): string[] {
  const finished = spawnSync("python3", [SCRIPT, kind, String(count)], {
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

/** Texts of so many words each, all of them one token in the vocabulary of `tokenizerFile`. */
export function passages(count: number, words: number, tokenizerFile: string): string[] {
  const vocabulary: Record<string, number> = JSON.parse(readFileSync(tokenizerFile, "utf8")).model.vocab;
  const found = libraryTexts("functions", 5000)
    .flatMap((text) => text.toLowerCase().match(/[a-z]{2,}/g) ?? [])
    .filter((word) => Object.hasOwn(vocabulary, word));
  if (found.length < count * words)
    throw new Error(`the library has ${found.length} words, not ${count} times ${words}`);
  return Array.from({ length: count }, (_, index) =>
    found.slice(index * words, (index + 1) * words).join(" "),
  );
}
