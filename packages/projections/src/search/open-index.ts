import { isPatinaError } from "@patina/core";
import { generationDirectory, indexMissing, readCurrent } from "../generation/generations.ts";
import { localPaths } from "../generation/local-directory.ts";
import { openGeneration } from "../generation/verify.ts";
import { SearchIndex } from "./search-index.ts";

/**
 * Opens the current generation of the project at `root` (the directory that holds `.patina`).
 *
 * `INDEX_MISSING` where there is none, `INTEGRITY` naming the file where one is damaged.
 */
export async function openIndex(root: string): Promise<SearchIndex> {
  const paths = localPaths(root);
  let id = readCurrent(paths);
  for (;;) {
    if (id === null) throw indexMissing(root);
    const directory = generationDirectory(paths, id);
    try {
      return new SearchIndex(root, directory, openGeneration(directory));
    } catch (error) {
      // Between the reading of its name and its opening a generation may be replaced and removed.
      const now = readCurrent(paths);
      if (now === id || !isPatinaError(error, "INTEGRITY")) throw error;
      id = now;
    }
  }
}
