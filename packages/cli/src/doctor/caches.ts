import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A folder that the command fills, and its size in bytes; null where it does not exist. */
export interface CacheReport {
  readonly name: string;
  readonly folder: string;
  readonly size: number | null;
}

/** Looks at a folder and all that is below it. */
export async function cacheReport(name: string, folder: string): Promise<CacheReport> {
  let size = 0;
  try {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      size += (await stat(join(entry.parentPath, entry.name))).size;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { name, folder, size: null };
  }
  return { name, folder, size };
}
