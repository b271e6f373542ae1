import { rename } from "node:fs/promises";
import { basename } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";
import { exclusively, removeStale } from "../exclusive.ts";
import type { MeasuredFile } from "../files.ts";
import type { HubSource } from "../model-entry.ts";
import { describeSource } from "../sources/source.ts";
import { type Attendance, type Channel, openChannel } from "../transfer/channel.ts";
import { download } from "../transfer/download.ts";
import type { RetryPolicy } from "../transfer/retry.ts";
import { HubApi } from "./api.ts";
import { damagedError, moveWrong, readCached } from "./cached-file.ts";
import { checkFacts, checkIdentity, checkPath, offlineError } from "./checks.ts";
import { type FileFacts, fileFacts, linkedEtag } from "./file-facts.ts";
import { hubRefusal } from "./hub-error.ts";
import {
  blobFile,
  blobLock,
  COMMIT,
  cachedCommit,
  hubLocation,
  linkBlob,
  linkedBlob,
  partialBlob,
  rememberCommit,
} from "./layout.ts";
import type { HubFetched, HubListing, HubRequest } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** One file on its way. */
interface Errand {
  readonly source: HubSource;
  readonly commit: string;
  readonly location: string;
  readonly request: HubRequest;
}

/**
 * Fetches files of the hub into the cache that Python's tools share. One client serves one operation: it resolves a
 * revision once, so that all files come from one commit, whatever happens to the branch meanwhile.
 */
export class HubClient {
  readonly #settings: HubSettings;
  readonly #retry: Partial<RetryPolicy>;
  readonly #commits = new Map<string, Promise<string>>();
  #channel: Promise<Channel> | undefined;

  constructor(settings: HubSettings, retry: Partial<RetryPolicy> = {}) {
    this.#settings = settings;
    this.#retry = retry;
  }

  /** The commit of a revision, and its files with sizes and digests. */
  async resolve(repo: string, revision: string, attendance: Attendance = {}): Promise<HubListing> {
    const commit = await this.#commit(repo, revision, attendance);
    const api = await this.#api(`the list of files of ${repo}`);
    return { commit, files: await api.files(repo, commit, attendance) };
  }

  /**
   * Has a file in the cache: as it is when its bytes are right, else fetched.
   *
   * @throws PatinaError `INTEGRITY` for wrong bytes, `MODEL_MISSING` for what the hub does not have or not give,
   * `NETWORK`, `IO`, `ABORTED`.
   */
  async fetch(source: HubSource, request: HubRequest = {}): Promise<HubFetched> {
    throwIfAborted(request.signal);
    checkPath(source);
    const commit = request.commit ?? (await this.#commit(source.repo, source.revision, request));
    const location = hubLocation(this.#settings, source.repo, commit, source.path);
    const errand: Errand = { source, commit, location, request };
    return (await this.#cached(errand)) ?? (await this.#fetch(errand));
  }

  /** The file as the cache has it; nothing where it has to be fetched. */
  async #cached(errand: Errand): Promise<HubFetched | undefined> {
    const { location, request } = errand;
    const found = await readCached(location, { sha256: request.sha256 }, request.signal);
    switch (found.state) {
      case "missing":
        return undefined;
      case "right":
        checkFacts(errand.source, request, found.digest);
        await this.#forgetLock(errand);
        return arrived(errand, found.digest, false);
      case "unknown":
        if (!this.#settings.offline) return undefined;
        throw new PatinaError(
          "INTEGRITY",
          `${location} cannot be verified: neither its name nor a lock says what its digest should be, and ` +
            "HF_HUB_OFFLINE forbids to ask the hub. Add the model once with a network",
          { file: location },
        );
      case "damaged":
        if (this.#settings.offline) {
          throw damagedError(
            found,
            "HF_HUB_OFFLINE forbids to fetch it again; unset it and run the same command",
          );
        }
        request.onDamaged?.(await moveWrong(this.#settings, found));
        return undefined;
    }
  }

  /** A process that died right after it had put the file in place left its lock, which nobody needs for a file that is here. */
  async #forgetLock({ source, location }: Errand): Promise<void> {
    const blob = await linkedBlob(location);
    if (blob !== undefined) await removeStale(blobLock(this.#settings, source.repo, basename(blob)));
  }

  async #fetch(errand: Errand): Promise<HubFetched> {
    const { source, commit, request } = errand;
    const { repo, path, revision } = source;
    const channel = await this.#open(describeSource(source));
    const place = { repo, commit, path, sha256: request.sha256 };
    const facts = await fileFacts(
      channel,
      await this.#api(describeSource(source)),
      this.#about,
      place,
      request,
    );
    checkFacts(source, request, facts);
    const digest = facts.sha256 ?? facts.gitSha1 ?? "";
    const lock = blobLock(this.#settings, repo, digest);
    const { signal, onWait } = request;
    const file = await exclusively(lock, { signal, onWait }, async (held) => {
      const blob = blobFile(this.#settings, repo, digest);
      const there = await readCached(blob, facts, signal);
      if (there.state === "damaged") {
        request.onDamaged?.(await moveWrong(this.#settings, there));
      }
      const usable = there.state === "right" ? there.digest : undefined;
      const partial = partialBlob(this.#settings, repo, digest);
      const bytes = usable ?? (await this.#download(channel, errand, facts, partial));
      if (usable === undefined) {
        await held.requireHeld();
        await rename(partial, blob);
      }
      await linkBlob(blob, errand.location);
      return arrived(errand, bytes, usable === undefined);
    });
    // Only what this client resolved itself: a pinned commit says nothing of where the branch is now.
    if (this.#commits.has(`${repo}@${revision}`))
      await rememberCommit(this.#settings, repo, revision, commit);
    return file;
  }

  async #download(
    channel: Channel,
    errand: Errand,
    facts: FileFacts,
    partial: string,
  ): Promise<MeasuredFile> {
    const { source, commit, request } = errand;
    const { repo, path } = source;
    const digest = facts.sha256 ?? facts.gitSha1 ?? "";
    const { gitSha1: _, ...measured } = await download({
      channel,
      url: facts.url,
      name: `${path} of ${repo}`,
      partial,
      size: facts.size,
      sha256: request.sha256 ?? facts.sha256,
      gitSha1: facts.gitSha1,
      signal: request.signal,
      onRetry: request.onRetry,
      onBytes: request.onBytes ?? (() => undefined),
      refusal: (response) => hubRefusal({ ...this.#about, repo, revision: commit, path }, response),
      checkIdentity: ([first]) => checkIdentity(source, digest, first && linkedEtag(first)),
    });
    return measured;
  }

  #commit(repo: string, revision: string, attendance: Attendance): Promise<string> {
    if (COMMIT.test(revision)) return Promise.resolve(revision);
    const key = `${repo}@${revision}`;
    let commit = this.#commits.get(key);
    if (commit === undefined) {
      commit = this.#findCommit(repo, revision, attendance);
      this.#commits.set(key, commit);
      // What failed once may be asked again: by the next file, after an abort.
      commit.catch(() => this.#commits.delete(key));
    }
    return commit;
  }

  async #findCommit(repo: string, revision: string, attendance: Attendance): Promise<string> {
    if (!this.#settings.offline)
      return (await this.#api(`${repo}@${revision}`)).commit(repo, revision, attendance);
    const commit = await cachedCommit(this.#settings, repo, revision);
    if (commit !== undefined) return commit;
    throw offlineError(`which commit ${revision} of ${repo} is`, this.#settings.cache);
  }

  async #api(what: string): Promise<HubApi> {
    return new HubApi(await this.#open(what), this.#about);
  }

  /** The way to the hub, opened once; every request goes through here, so that offline there is none. */
  #open(what: string): Promise<Channel> {
    if (this.#settings.offline) return Promise.reject(offlineError(what, this.#settings.cache));
    const { endpoint, token, network } = this.#settings;
    this.#channel ??= openChannel(network, { origin: new URL(endpoint).origin, token }, this.#retry);
    return this.#channel;
  }

  get #about(): { endpoint: string; hasToken: boolean } {
    const { endpoint, token } = this.#settings;
    return { endpoint, hasToken: token !== undefined };
  }
}

function arrived({ source, commit, location }: Errand, digest: MeasuredFile, fetched: boolean): HubFetched {
  return { ...digest, source: describeSource(source), revision: commit, location, fetched };
}
