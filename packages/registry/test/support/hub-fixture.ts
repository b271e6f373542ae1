import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { HubClient, type HubSettings, hubSettings } from "../../src/hub/index.ts";
import type { RetryPolicy } from "../../src/index.ts";
import type { HubSource } from "../../src/model-entry.ts";
import { FakeHub } from "./fake-hub.ts";
import { Fixture, sha256 } from "./fixture.ts";

export const REPO = "owner/name";
export const WEIGHTS_PATH = "onnx/model.onnx";
export const WEIGHTS: Uint8Array = new Uint8Array(300_000).map((_, index) => (index * 7919) >> 5);
/** More than a download holds in memory, and one hundredth of it is more than one write takes. */
export const LARGE: Uint8Array = new Uint8Array(20_000_000).map((_, index) => (index * 7919) >> 7);
export const TOKENIZER = '{"version":"1.0"}';
export const FILES: Record<string, string | Uint8Array> = {
  "tokenizer.json": TOKENIZER,
  [WEIGHTS_PATH]: WEIGHTS,
};
export const LFS: { readonly lfs: readonly string[] } = { lfs: [WEIGHTS_PATH] };
/** Pauses of a millisecond, so that what takes five tries takes no time. */
export const FAST: Partial<RetryPolicy> & { readonly attempts: number; readonly stallMs: number } = {
  attempts: 3,
  firstDelayMs: 1,
  longestDelayMs: 1,
  stallMs: 200,
};

/** A hub with one repository, and a cache of its own. */
export class HubFixture implements AsyncDisposable {
  readonly files: Fixture = new Fixture();
  readonly hub: FakeHub;
  readonly commit: string;

  private constructor(hub: FakeHub) {
    this.hub = hub;
    this.commit = hub.commit(REPO, FILES, LFS);
  }

  static async start(): Promise<HubFixture> {
    return new HubFixture(await FakeHub.start());
  }

  get cache(): string {
    return join(this.files.home, "hub");
  }

  get env(): Record<string, string> {
    return { HF_ENDPOINT: this.hub.endpoint, HF_HOME: this.files.home, HF_TOKEN: "hf_secret" };
  }

  settings(more: Record<string, string> = {}): HubSettings {
    return hubSettings({ ...this.env, ...more });
  }

  client(more: Record<string, string> = {}): HubClient {
    return new HubClient(this.settings(more), FAST);
  }

  /** Requests for the bytes of large files. */
  get downloads(): FakeHub["requests"] {
    return this.hub.requests.filter(({ origin }) => origin === this.hub.cdn);
  }

  /**
   * What is wrong in the cache: a file of a snapshot that leads nowhere or to other bytes than its name says, a lock that
   * was left behind, anything half-written that nobody can go on with.
   */
  faults(): string[] {
    const found: string[] = [];
    for (const path of everything(this.cache)) {
      const state = lstatSync(path);
      if (state.isDirectory()) continue;
      const name = basename(path);
      if (path.includes("/.locks/")) found.push(`lock ${name}`);
      if (path.includes("/blobs/") && /^[0-9a-f]{64}$/.test(name) && sha256(readFileSync(path)) !== name) {
        found.push(`wrong blob ${name}`);
      }
      if (path.includes("/blobs/") && !/^[0-9a-f]{40,64}(\.patina\.incomplete)?$/.test(name)) {
        found.push(`stray ${name}`);
      }
      if (path.includes("/snapshots/") && state.isSymbolicLink()) readFileSync(path);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    this.files[Symbol.dispose]();
  }
}

/** A file of the fixture's repository. */
export function source(path: string = WEIGHTS_PATH, revision = "main"): HubSource {
  return { kind: "hub", repo: REPO, revision, path };
}

function everything(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true }).map((path) => join(folder, `${path}`))
    : [];
}
