/** RESULTS.json: the numbers as they were measured, each measurement with where and when. The page is made of it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Of the file's layout. */
const VERSION = 1;

export interface Results {
  readonly version: typeof VERSION;
  /** By the measurement's id. */
  readonly measurements: Readonly<Record<string, Result>>;
}

export interface Result {
  /** ISO 8601. */
  readonly when: string;
  /** Machine and versions, as Markdown. */
  readonly machine: string;
  readonly rounds: number;
  /** Whether it was a look with few texts. */
  readonly quick: boolean;
  readonly data: unknown;
}

/** The results of earlier runs, none where there is no file or one of another layout. */
export function readResults(file: string): Results {
  const none: Results = { version: VERSION, measurements: {} };
  if (!existsSync(file)) return none;
  const found = JSON.parse(readFileSync(file, "utf8")) as Results;
  return found.version === VERSION ? found : none;
}

/** One measurement's result beside those of the others; written at once, so that a run cut short has lost nothing. */
export function addResult(file: string, id: string, result: Result): Results {
  const earlier = readResults(file);
  const results: Results = { ...earlier, measurements: { ...earlier.measurements, [id]: result } };
  writeFileSync(file, `${JSON.stringify(results, rounded)}\n`);
  return results;
}

/** Six digits are more than any clock here is worth. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
