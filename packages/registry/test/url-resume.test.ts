/** A `url` source that was cut off, and the `add` after it. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry, type Registry } from "../src/index.ts";
import { FakeHub, type RecordedRequest } from "./support/fake-hub.ts";
import type { Reply } from "./support/fake-hub-routes.ts";
import { type FileRow, Fixture, registryText, rejection, sha256 } from "./support/fixture.ts";
import { FAST, FILES, LFS, REPO, WEIGHTS, WEIGHTS_PATH } from "./support/hub-fixture.ts";
import { makeIdentity } from "./support/identity.ts";

const CUT = 100_000;
const FORBIDDEN: Reply = { status: 403, headers: {}, start: 0, length: 0, body: async function* () {} };

/**
 * A model `web` whose weights were cut off, the answer having had `etag` where one is given, and then refused; the
 * requests so far are forgotten.
 */
class Interrupted implements AsyncDisposable {
  readonly #fixture = new Fixture();
  readonly #hub: FakeHub;
  readonly #certificate: string;

  private constructor(hub: FakeHub, certificate: string) {
    this.#hub = hub;
    this.#certificate = certificate;
  }

  static async start(row: Partial<FileRow>, etag?: string | null): Promise<Interrupted> {
    using keys = new Fixture();
    const identity = makeIdentity(keys.root);
    const hub = await FakeHub.start(identity);
    hub.commit(REPO, FILES, LFS);
    const interrupted = new Interrupted(hub, identity.cert);
    const headers = etag === undefined ? {} : { headers: { etag } };
    interrupted.fault = () =>
      interrupted.downloads.length === 1 ? { cutAfter: CUT, ...headers } : { reply: FORBIDDEN };
    interrupted.#write(row);
    const registry = await interrupted.open();
    expect(await rejection(registry.add("web"))).toMatchObject({ code: "NETWORK" });
    interrupted.fault = () => undefined;
    hub.requests.length = 0;
    return interrupted;
  }

  #write(row: Partial<FileRow>): void {
    const sources = (path: string) => [
      `{ kind = "url", url = "${this.#hub.endpoint}/${REPO}/resolve/main/${path}" }`,
    ];
    const tokenizer = { role: "tokenizer", path: "tokenizer.json", sources: sources("tokenizer.json") };
    const weights = { role: "weights", path: "model.onnx", sources: sources(WEIGHTS_PATH), ...row };
    this.#fixture.write("registry.toml", registryText({ web: [tokenizer, weights] }));
    this.#fixture.write("certificate.pem", this.#certificate);
  }

  /** What goes wrong with the answers of the storage. */
  set fault(fault: FakeHub["fault"]) {
    this.#hub.fault = (request) => (request.origin === this.#hub.cdn ? fault(request) : undefined);
  }

  get downloads(): RecordedRequest[] {
    return this.#hub.requests.filter(({ origin }) => origin === this.#hub.cdn);
  }

  get parts(): string {
    return join(this.#fixture.home, "models/web/.parts");
  }

  open(): Promise<Registry> {
    const { home, root } = this.#fixture;
    const env = { SSL_CERT_FILE: join(root, "certificate.pem") };
    return openRegistry({ home, builtin: join(root, "registry.toml"), env, retry: FAST });
  }

  /** Adds the model again: the file has to be right and nothing of the part left. */
  async again(): Promise<void> {
    const { folder } = await (await this.open()).add("web");
    expect(readFileSync(join(folder, "model.onnx"))).toEqual(Buffer.from(WEIGHTS));
    expect(existsSync(this.parts)).toBe(false);
  }

  asked(): unknown[] {
    return this.downloads.map(({ headers, sent }) => [headers.range, headers["if-range"], sent]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub[Symbol.asyncDispose]();
    this.#fixture[Symbol.dispose]();
  }
}

const REST = WEIGHTS.length - CUT;

test("goes on where it was, if the server still has the same file by its ETag", async () => {
  await using interrupted = await Interrupted.start({});
  await interrupted.again();
  expect(interrupted.asked()).toEqual([
    [`bytes=${CUT}-`, expect.stringMatching(/^"storage-[0-9a-f]+-1"$/), REST],
  ]);
});

test("fetches the file anew that is another by its ETag", async () => {
  await using interrupted = await Interrupted.start({}, '"old"');
  await interrupted.again();
  expect(interrupted.asked()).toEqual([[`bytes=${CUT}-`, '"old"', WEIGHTS.length]]);
});

test("puts nothing together from a server that sends a part of another file in spite of If-Range", async () => {
  await using interrupted = await Interrupted.start({});
  interrupted.fault = ({ headers }) => (headers.range ? { headers: { etag: '"new"' } } : undefined);
  await interrupted.again();
  expect(interrupted.asked().at(-1)).toEqual([undefined, undefined, WEIGHTS.length]);
});

test.each([[null], ['W/"weak"']])(
  "goes on without an ETag (%p) where the registry names the digest",
  async (etag) => {
    await using interrupted = await Interrupted.start({ sha256: sha256(WEIGHTS) }, etag);
    await interrupted.again();
    expect(interrupted.asked()).toEqual([[`bytes=${CUT}-`, undefined, REST]]);
  },
);

test.each([[null], ['W/"weak"']])(
  "begins anew where neither an ETag (%p) nor a digest says which file it was",
  async (etag) => {
    await using interrupted = await Interrupted.start({}, etag);
    await interrupted.again();
    expect(interrupted.asked()).toEqual([[undefined, undefined, WEIGHTS.length]]);
  },
);

test.each([[null], ['W/"weak"']])(
  "begins anew within one add as well, where neither an ETag (%p) nor a digest says which file it was",
  async (etag) => {
    await using interrupted = await Interrupted.start({}, etag);
    const cut = { cutAfter: CUT, headers: { etag } };
    interrupted.fault = () => (interrupted.downloads.length === 1 ? cut : { headers: { etag } });
    await interrupted.again();
    expect(interrupted.asked().slice(1)).toEqual([[undefined, undefined, WEIGHTS.length]]);
  },
);

test("leaves no part that turned out wrong", async () => {
  await using interrupted = await Interrupted.start({ sha256: sha256(WEIGHTS) }, null);
  interrupted.fault = () => ({ flip: CUT });
  const registry = await interrupted.open();
  expect(await rejection(registry.add("web"))).toMatchObject({ code: "INTEGRITY" });
  expect(existsSync(interrupted.parts)).toBe(false);
});

test("what nobody comes back for is unfinished work, and goes with prune", async () => {
  await using interrupted = await Interrupted.start({});
  expect(readdirSync(interrupted.parts)).toHaveLength(1);
  const { removed } = await (await interrupted.open()).prune();
  expect(removed).toMatchObject([{ kind: "unfinished", path: interrupted.parts }]);
  expect(existsSync(interrupted.parts)).toBe(false);
});
