import { generationDirectory, readCurrent } from "./generations.ts";
import { localPaths } from "./local-directory.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/**
 * What made the index that searches of a project open, and how much is in it; null where nothing is indexed. Its other
 * files are not looked at.
 *
 * @throws PatinaError `INTEGRITY`, `INDEX_INCOMPATIBLE` where its manifest cannot be read.
 */
export function currentIndex(root: string): Manifest | null {
  const paths = localPaths(root);
  const id = readCurrent(paths);
  return id === null ? null : readManifest(generationDirectory(paths, id));
}
