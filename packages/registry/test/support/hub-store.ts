import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openRegistry, type Registry } from "../../src/index.ts";
import { FakeHub } from "./fake-hub.ts";
import { dirSource, type FileRow, Fixture, registryText } from "./fixture.ts";

/** The repository that every {@link HubStore} has. */
export const REPO = "owner/name";
export const TOKENIZER = '{"version":"1.0"}';
export const WEIGHTS: Uint8Array = new Uint8Array(300_000).map((_, index) => (index * 7919) >> 5);

/** A `hub` source as TOML. */
export function hubSource(path: string, repo: string = REPO): string {
  return `{ kind = "hub", repo = "${repo}", revision = "main", path = "${path}" }`;
}

/** The rows of a model whose two files are on the hub, neither with a digest. */
export const ROWS: readonly FileRow[] = [
  { role: "tokenizer", path: "tokenizer.json", sources: [hubSource("tokenizer.json")] },
  { role: "weights", path: "onnx/model.onnx", sources: [hubSource("onnx/model.onnx")] },
];

/** A fake hub with a repository, and a home and a cache that are empty. */
export class HubStore implements AsyncDisposable {
  readonly fixture: Fixture = new Fixture();
  readonly hub: FakeHub;

  private constructor(hub: FakeHub) {
    this.hub = hub;
  }

  static async start(): Promise<HubStore> {
    const store = new HubStore(await FakeHub.start());
    store.commit();
    return store;
  }

  /** Puts a commit onto `main`. */
  commit(files: Record<string, string | Uint8Array> = {}): string {
    const all = { "tokenizer.json": TOKENIZER, "onnx/model.onnx": WEIGHTS, ...files };
    return this.hub.commit(REPO, all, { lfs: ["onnx/model.onnx"] });
  }

  get cache(): string {
    return join(this.fixture.root, "hf", "hub");
  }

  /** Opens the registry of these models; `env` goes over that of the fixture. */
  open(
    models: Record<string, readonly FileRow[]> = { tiny: ROWS },
    {
      env = {},
      project = false,
      projectDir = project ? this.fixture.project : undefined,
    }: { env?: Record<string, string>; project?: boolean; projectDir?: string | undefined } = {},
  ): Promise<Registry> {
    const { fixture, hub } = this;
    const builtin = fixture.write("registry.toml", registryText(models));
    return openRegistry({
      ...{ home: fixture.home, builtin, ...(projectDir === undefined ? {} : { projectDir }) },
      env: { HF_ENDPOINT: hub.endpoint, HF_HOME: join(fixture.root, "hf"), ...env },
    });
  }

  /** Everything in the hub's cache, without folders. */
  cached(): string[] {
    if (!existsSync(this.cache)) return [];
    return readdirSync(this.cache, { recursive: true, withFileTypes: true })
      .filter((item) => !item.isDirectory())
      .map((item) => join(item.parentPath, item.name).slice(this.cache.length + 1))
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    this.fixture[Symbol.dispose]();
  }
}

export { dirSource };
