import { stat } from "node:fs/promises";
import { unlessMissing } from "./files.ts";
import { removeHubFile } from "./hub-removal.ts";
import { allRecords } from "./records.ts";
import { isHubName } from "./sources/source.ts";

/**
 * Takes a file that this store has downloaded out of the hub's cache, unless somebody else is known to use it. `folder`
 * is that of the variant that goes.
 *
 * @returns the bytes that are free now, or why the file stays.
 */
export async function releaseFromHub(
  home: string,
  folder: string,
  { location, sha256 }: { location: string; sha256: string | undefined },
  dryRun = false,
): Promise<number | string> {
  if ((await unlessMissing(stat(location), undefined)) === undefined) return 0;
  for await (const other of allRecords(home)) {
    if (other.folder === folder) continue;
    for (const file of other.files.values()) {
      if (file.sha256 === sha256 && isHubName(file.source)) return `${other.key} uses it as well`;
    }
  }
  const freed = await removeHubFile(location, dryRun);
  return freed ?? "another snapshot of the hub's cache uses it as well";
}
