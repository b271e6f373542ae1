/** Optimised graphs that engines keep; the native core writes them (`crates/patina-embed/src/onnx/graph_cache.rs`). */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere } from "./files.ts";
import { graphCacheFolder } from "./home.ts";
import { subfolders } from "./store.ts";

/** A graph that an engine keeps, and the digest of the file it was made of. */
export interface KeptGraph {
  readonly folder: string;
  readonly weights: string;
}

/** All graphs that are kept, but for what is no entry or is just being made. */
export async function keptGraphs(home: string): Promise<KeptGraph[]> {
  const graphs: KeptGraph[] = [];
  for (const folder of await subfolders(graphCacheFolder(home))) {
    const weights = await weightsOf(folder);
    if (weights !== undefined) graphs.push({ folder, weights });
  }
  return graphs;
}

/** Deletes what was made of files with these digests. */
export async function forgetGraphs(home: string, digests: ReadonlySet<string>): Promise<void> {
  for (const { folder, weights } of await keptGraphs(home)) {
    if (digests.has(weights)) await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined where the record cannot be read: the native core makes such a graph again, whosoever it was. */
async function weightsOf(folder: string): Promise<string | undefined> {
  const bytes = await readIfThere(join(folder, "record.json"));
  if (bytes === undefined) return undefined;
  try {
    return (JSON.parse(bytes.toString("utf8")) as { origin?: { weights?: string } }).origin?.weights;
  } catch {
    return undefined;
  }
}
