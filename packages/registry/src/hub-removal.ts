import { readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { unlessMissing } from "./files.ts";
import { hubRepoFolder } from "./location.ts";
import { removeIfEmpty } from "./store.ts";

/**
 * Deletes a file of the hub's cache, link and blob, and what is empty then: Python's tools call a commit without files
 * or a reference without its commit corrupted. `leaving` are other places of the same bytes that go as well: links to this
 * blob among them go with it.
 *
 * @returns the bytes that are free now; `undefined` where another snapshot shows the same blob, so that nothing is done.
 */
export async function removeHubFile(
  location: string,
  leaving: readonly string[],
  dryRun: boolean,
): Promise<number | undefined> {
  const repo = hubRepoFolder(location);
  if (repo === undefined) return undefined;
  const blob = await realpath(location);
  const places = [location, ...leaving.filter((place) => hubRepoFolder(place) === repo)];
  const own = new Set<string>();
  for (const each of places) {
    const folder = await unlessMissing(realpath(dirname(each)), undefined);
    if (folder !== undefined) own.add(join(folder, basename(each)));
  }
  const links = await linksTo(join(repo, "snapshots"), blob);
  if (links.some((link) => !own.has(link))) return undefined;
  const { size } = await stat(blob);
  if (dryRun) return size;
  // The links first: they must never lead to nothing.
  for (const link of [location, ...links]) await rm(link, { force: true });
  await rm(blob, { force: true });
  for (const place of places) await tidy(repo, place);
  return size;
}

/** The files of all snapshots that are this blob. */
async function linksTo(snapshots: string, blob: string): Promise<string[]> {
  const links: string[] = [];
  for (const item of await readdir(snapshots, { recursive: true, withFileTypes: true })) {
    if (!item.isSymbolicLink()) continue;
    const link = join(await realpath(item.parentPath), item.name);
    if ((await unlessMissing(realpath(link), undefined)) === blob) links.push(link);
  }
  return links;
}

async function tidy(repo: string, location: string): Promise<void> {
  const snapshots = join(repo, "snapshots");
  const [commit = ""] = relative(snapshots, location).split(/[\\/]/);
  for (let folder = dirname(location); folder !== snapshots; folder = dirname(folder)) {
    await removeIfEmpty(folder);
  }
  const commits: string[] = await unlessMissing(readdir(snapshots), []);
  if (commits.includes(commit)) return;
  const refs = join(repo, "refs");
  for (const item of await unlessMissing(readdir(refs, { recursive: true, withFileTypes: true }), [])) {
    const file = join(item.parentPath, item.name);
    if (item.isFile() && (await readFile(file, "utf8")).trim() === commit) await rm(file, { force: true });
  }
  // Without blobs there are no snapshots either; a repository without its `snapshots` would be called corrupted.
  for (const folder of ["blobs", "refs", "snapshots"].map((name) => join(repo, name))) {
    await removeIfEmpty(folder);
    if ((await unlessMissing(stat(folder), undefined)) !== undefined) return;
  }
  await removeIfEmpty(repo);
}
