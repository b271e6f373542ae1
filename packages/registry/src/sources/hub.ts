import { existsSync } from "node:fs";
import { cachedCommit, type HubClient, type HubSettings, hubLocation } from "../hub/index.ts";
import type { HubSource, ModelFile } from "../model-entry.ts";
import type { FetchedFile, FetchRequest } from "./source.ts";

/** The hub as one `add` sees it: a revision stands for one commit, so that no two files are of different ones. */
export class HubShelf {
  readonly #settings: HubSettings;
  readonly #files: readonly ModelFile[];
  readonly #client: HubClient;
  readonly #isRenewal: boolean;
  readonly #commits = new Map<string, Promise<string | undefined>>();

  /** For the files of one variant. Unless `isRenewal`, the commits that the cache has come before the hub's of today. */
  constructor(settings: HubSettings, files: readonly ModelFile[], client: HubClient, isRenewal: boolean) {
    this.#settings = settings;
    this.#files = files;
    this.#client = client;
    this.#isRenewal = isRenewal;
  }

  /** Finds the file in the cache or downloads it there. */
  async fetch(source: HubSource, request: FetchRequest): Promise<FetchedFile> {
    const { pinned, ...rest } = request;
    const commit = pinned ?? (this.#isRenewal ? undefined : await this.#cachedCommit(source));
    return this.#client.fetch(source, { commit, ...rest });
  }

  #cachedCommit(source: HubSource): Promise<string | undefined> {
    const name = `${source.repo}@${source.revision}`;
    let commit = this.#commits.get(name);
    if (commit === undefined) {
      commit = this.#findCommit(source);
      this.#commits.set(name, commit);
    }
    return commit;
  }

  /**
   * The commit that the cache has for a revision, if it has all the files of it that the variant needs: Python's tools
   * may have brought them. Where one is lacking the hub is asked, and its commit then holds for all of them.
   */
  async #findCommit({ repo, revision }: HubSource): Promise<string | undefined> {
    const commit = await cachedCommit(this.#settings, repo, revision);
    if (commit === undefined || this.#settings.offline) return commit;
    const isThere = this.#files
      .flatMap(({ sources }) => sources)
      .filter((one) => one.kind === "hub")
      .filter((one) => one.repo === repo && one.revision === revision)
      .every(({ path }) => existsSync(hubLocation(this.#settings, repo, commit, path)));
    return isThere ? commit : undefined;
  }
}
