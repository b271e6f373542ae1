/** Where the benchmark of the search keeps its indexes, and their caches of embeddings, between runs. */
import { join } from "node:path";
import { ROOT } from "../prepare.ts";

/** An ignored folder. */
export const FOLDER: string = join(ROOT, "target/benchmarks/search");
