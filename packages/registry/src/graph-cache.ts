/** Optimised graphs that engines keep; the native core writes them (`crates/patina-embed/src/onnx/graph_cache.rs`). */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { graphCacheFolder } from "./home.ts";

/** Deletes what was made of files with these digests. */
export async function forgetGraphs(home: string, digests: ReadonlySet<string>): Promise<void> {
  const cache = graphCacheFolder(home);
  for (const name of await readdir(cache).catch(noneWhenMissing)) {
    const folder = join(cache, name);
    const weights = await weightsOf(folder);
    if (weights !== undefined && digests.has(weights)) await rm(folder, { recursive: true, force: true });
  }
}

/** The digest of the file that a graph was made of; undefined for what is no entry, or is just being made. */
async function weightsOf(folder: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, "record.json"), "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  try {
    return (JSON.parse(text) as { origin?: { weights?: string } }).origin?.weights;
  } catch {
    // A record that cannot be read is one that the native core makes again; whose it was cannot be told.
    return undefined;
  }
}

function noneWhenMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
