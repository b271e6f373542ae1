/** The job of `patina embed "hello"` as a minimal program over transformers.js: start, load, embed, print. */
import { MODEL } from "./contender.ts";
import { loadTransformers } from "./peers.ts";

const [peersFolder, modelsFolder] = process.argv.slice(2) as [string, string];
const { pipeline } = await loadTransformers(peersFolder, modelsFolder);
const extract = await pipeline("feature-extraction", MODEL, { dtype: "q8" });
const output = await extract("hello", { pooling: "mean", normalize: true });
console.log(JSON.stringify({ embedding: Array.from(output.data as Float32Array) }));
