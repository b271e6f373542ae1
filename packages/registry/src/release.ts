import { stat } from "node:fs/promises";
import { unlessMissing } from "./files.ts";
import { removeHubFile } from "./hub-removal.ts";
import { readRecord } from "./record.ts";
import { allRecords } from "./records.ts";
import { isHubName } from "./sources/source.ts";

/** A file that stays, and why. */
export interface KeptFile {
  /** Absolute: in the hub's cache. */
  readonly location: string;
  readonly reason: string;
}

/**
 * Takes what a folder's record says this store has downloaded out of the hub's cache. `leaving` are the folders that go,
 * this one among them.
 *
 * @returns the bytes that are free now, and what stays.
 */
export async function releaseFolder(
  home: string,
  folder: string,
  leaving: ReadonlySet<string>,
  dryRun = false,
): Promise<{ size: number; kept: KeptFile[] }> {
  const kept: KeptFile[] = [];
  let size = 0;
  for (const { sha256, downloaded: location } of (await readRecord(folder)).values()) {
    if (location === undefined) continue;
    const outcome = await releaseFromHub(home, leaving, { location, sha256 }, dryRun);
    if (typeof outcome === "number") size += outcome;
    else kept.push({ location, reason: outcome });
  }
  return { size, kept };
}

/**
 * Takes a file that this store has downloaded out of the hub's cache, unless somebody else is known to use it. `leaving`
 * are the folders of the variants that go.
 *
 * @returns the bytes that are free now, or why the file stays.
 */
export async function releaseFromHub(
  home: string,
  leaving: ReadonlySet<string>,
  { location, sha256 }: { location: string; sha256: string | undefined },
  dryRun = false,
): Promise<number | string> {
  if ((await unlessMissing(stat(location), undefined)) === undefined) return 0;
  const places: string[] = [];
  for await (const other of allRecords(home)) {
    for (const file of other.files.values()) {
      if (file.sha256 !== sha256 || !isHubName(file.source)) continue;
      if (!leaving.has(other.folder)) return `${other.key} uses it as well`;
      if (file.downloaded !== undefined) places.push(file.downloaded);
    }
  }
  const freed = await removeHubFile(location, places, dryRun);
  return freed ?? "another snapshot of the hub's cache uses it as well";
}
