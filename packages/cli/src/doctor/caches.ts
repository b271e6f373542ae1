import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PatinaError } from "@patina/core";

/** A folder that the command fills, and its size in bytes; null where it does not exist. */
export interface CacheReport {
  readonly name: string;
  readonly folder: string;
  readonly size: number | null;
}

/**
 * Looks at a folder and all that is below it.
 *
 * @throws PatinaError `IO` where a part of it cannot be looked at.
 */
export async function cacheReport(name: string, folder: string): Promise<CacheReport> {
  try {
    if ((await stat(folder).catch(ignoreMissing)) === undefined) return { name, folder, size: null };
    let size = 0;
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      // A command that runs meanwhile may take a file away.
      if (entry.isFile())
        size += (await stat(join(entry.parentPath, entry.name)).catch(ignoreMissing))?.size ?? 0;
    }
    return { name, folder, size };
  } catch (cause) {
    const message = `the size of ${folder} cannot be told: ${(cause as Error).message}`;
    throw new PatinaError("IO", message, { file: folder, cause });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
