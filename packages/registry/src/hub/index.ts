/**
 * The client of the Hugging Face hub: files of repositories in the cache that Python's tools share, resumed after any
 * break and right by their digests.
 */

export type { DamagedFile } from "../set-aside.ts";
export type { HubFile } from "./api.ts";
export { readCached } from "./cached-file.ts";
export { HubClient } from "./client.ts";
export { cachedCommit, hubLocation, PARTIAL_MARK, partialLock } from "./layout.ts";
export type { HubFetched, HubListing, HubRequest } from "./request.ts";
export { type HubSettings, hubSettings } from "./settings.ts";
