/** One process of vector-index.ts: reads what to search from standard input, prints a {@link Run} as JSON. */
import { normalize, topK, VectorIndex, type VectorIndexFiles } from "@patina/native";

/** Milliseconds and counts of one process. */
export interface Run {
  /** XXH3 of the file that is read whole. */
  readonly digest: number;
  /** Opening and the first search. */
  readonly first: number;
  /** Of the searches after it. */
  readonly median: number;
  /** Rows that were scored from their floats, the median of the queries. */
  readonly rescored: number;
}

interface Task {
  readonly how: "floats" | "codes";
  readonly files: VectorIndexFiles;
  readonly queries: string;
  readonly k: number;
}

const { how, files, queries, k } = (await Bun.stdin.json()) as Task;
const { rows, dimension } = files;
const all = new Float32Array(await Bun.file(queries).arrayBuffer());
// Loads the addon, which every process does that embeds a query.
normalize(new Float32Array(1));

let start = performance.now();
const bytes = Bun.mmap(files[how], { shared: false });
Bun.hash.xxHash3(bytes);
const digest = performance.now() - start;

start = performance.now();
const index = how === "codes" ? new VectorIndex(files) : undefined;
const matrix = new Float32Array(bytes.buffer, bytes.byteOffset, how === "floats" ? rows * dimension : 0);
const times: number[] = [];
const rescored: number[] = [];
for (let round = 0; round < 3; round++) {
  for (let at = 0; at < all.length; at += dimension) {
    const query = all.subarray(at, at + dimension);
    if (index === undefined) topK(matrix, rows, dimension, query, k);
    else rescored.push((await index.search(query, k)).rescored);
    times.push(performance.now() - start);
    start = performance.now();
  }
}
const [first = 0, ...rest] = times;
const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
const result: Run = { digest, first, median: middle(rest), rescored: middle(rescored) };
console.log(JSON.stringify(result));
