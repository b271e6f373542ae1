/** Certificates, proxies, both runtimes, and `url` sources, over TLS with a certificate made for the run. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HubClient, hubSettings } from "../src/hub/index.ts";
import { type AddProgress, type AddReport, openRegistry } from "../src/index.ts";
import { networkSettings, proxyFor } from "../src/transfer/network.ts";
import type { Identity } from "./support/fake-http.ts";
import { FakeHub } from "./support/fake-hub.ts";
import { type FileRow, Fixture, registryText, rejection, sha256 } from "./support/fixture.ts";
import {
  FAST,
  FILES,
  LARGE,
  LFS,
  REPO,
  source,
  TOKENIZER,
  WEIGHTS,
  WEIGHTS_PATH,
} from "./support/hub-fixture.ts";
import { makeIdentity } from "./support/identity.ts";
import { TunnelProxy } from "./support/proxy.ts";

const files = new Fixture();
const certificate = join(files.root, "certificate.pem");
let identity: Identity;

beforeAll(() => {
  identity = makeIdentity(files.root);
  return () => files[Symbol.dispose]();
});

async function secureHub(): Promise<FakeHub> {
  const hub = await FakeHub.start(identity);
  hub.commit(REPO, FILES, LFS);
  return hub;
}

describe("a certificate that this machine does not know", () => {
  test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])(
    "is accepted when %s names it",
    async (name) => {
      using fixture = new Fixture();
      await using hub = await secureHub();
      const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: fixture.home };
      const file = await new HubClient(hubSettings({ ...env, [name]: certificate }), FAST).fetch(source());
      expect(file.sha256).toBe(sha256(WEIGHTS));
      const error = await rejection(new HubClient(hubSettings({ ...env }), FAST).resolve(REPO, "main"));
      expect(error).toMatchObject({
        code: "NETWORK",
        message: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
      });
    },
  );

  test("is an error where the file that is named is not there", async () => {
    const settings = hubSettings({ SSL_CERT_FILE: "/no/such.pem", HF_HOME: files.home });
    expect(await rejection(new HubClient(settings, FAST).resolve(REPO, "main"))).toMatchObject({
      code: "IO",
      details: { file: "/no/such.pem" },
    });
  });
});

describe("a proxy", () => {
  test("digs the tunnels that files come through, for the user its address names", async () => {
    using fixture = new Fixture();
    await using hub = await secureHub();
    await using proxy = await TunnelProxy.start();
    const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: fixture.home, SSL_CERT_FILE: certificate };
    const proxied = hubSettings({ ...env, HTTPS_PROXY: `http://user:p%40ss@${proxy.host}` });
    expect((await new HubClient(proxied, FAST).fetch(source())).sha256).toBe(sha256(WEIGHTS));
    const authorization = `Basic ${btoa("user:p@ss")}`;
    const [own, storage] = [hub.endpoint, hub.cdn].map((origin) => ({
      to: new URL(origin).host,
      authorization,
    }));
    expect(proxy.tunnels).toEqual([own, own, own, storage] as typeof proxy.tunnels);
    const direct = hubSettings({ ...env, HTTPS_PROXY: proxy.host, NO_PROXY: "example.org, 127.0.0.1" });
    await new HubClient(direct, FAST).fetch(source("tokenizer.json"));
    expect(proxy.tunnels).toHaveLength(4);
  });

  test("is asked for addresses that are not encrypted, and sees them whole", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    hub.commit(REPO, FILES, LFS);
    const env = { HF_ENDPOINT: "http://hub.invalid", HF_HOME: fixture.home, http_proxy: hub.endpoint };
    const file = await new HubClient(hubSettings(env), FAST).fetch(source("tokenizer.json"));
    expect(file.sha256).toBe(sha256(TOKENIZER));
    expect(new Set(hub.requests.map(({ origin }) => origin))).toEqual(new Set(["http://hub.invalid"]));
  });

  test.each([
    ["*", "https://a.org/", undefined],
    ["a.org", "https://a.org/", undefined],
    [".a.org", "https://b.a.org/", undefined],
    ["a.org", "https://ba.org/", "http://proxy:3128/"],
    ["a.org:444", "https://a.org/", "http://proxy:3128/"],
    ["a.org:443", "https://a.org/", undefined],
  ])("with NO_PROXY %s stands before %s as %p", (noProxy, url, expected) => {
    const settings = networkSettings({ ALL_PROXY: "proxy:3128", NO_PROXY: noProxy });
    expect(proxyFor(settings, new URL(url))?.href).toBe(expected);
  });

  test("of a kind that is not spoken is an error", () => {
    const settings = networkSettings({ HTTPS_PROXY: "socks5://proxy:1080" });
    expect(() => proxyFor(settings, new URL("https://a.org"))).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

test("Node fetches as Bun does: through a proxy, over TLS, digesting on a thread, going on after a break", async () => {
  using fixture = new Fixture();
  await using hub = await secureHub();
  hub.commit(REPO, { [WEIGHTS_PATH]: LARGE }, LFS);
  await using proxy = await TunnelProxy.start();
  const storage = () => hub.requests.filter(({ origin }) => origin === hub.cdn);
  hub.fault = ({ origin }) =>
    origin === hub.cdn && storage().length === 1 ? { cutAfter: 9_000_000 } : undefined;
  const programs = ["support/fetch-in-process.ts", "../src/block-worker.ts"];
  const built = await Bun.build({
    entrypoints: programs.map((program) => join(import.meta.dir, program)),
    target: "node",
    outdir: fixture.root,
    naming: "[name].mjs",
  });
  expect(built.success).toBe(true);
  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: fixture.home, SSL_CERT_FILE: certificate };
  const child = Bun.spawn(["node", join(fixture.root, "fetch-in-process.mjs"), REPO, WEIGHTS_PATH], {
    env: { ...process.env, ...env, HTTPS_PROXY: proxy.host },
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await child.stdout.text()).toBe("fetched\n");
  expect(storage().map(({ sent }) => sent)).toEqual([9_000_000, LARGE.length - 9_000_000]);
  const found = await new HubClient(hubSettings({ ...env, HF_HUB_OFFLINE: "1" })).fetch(source());
  expect(found.sha256).toBe(sha256(LARGE));
});

describe("a url source", () => {
  async function add(
    fixture: Fixture,
    hub: FakeHub,
    row: Partial<FileRow> = {},
    progress: AddProgress[] = [],
  ): Promise<AddReport> {
    const url = `${hub.endpoint}/${REPO}/resolve/main`;
    const sources = (path: string) => [`{ kind = "url", url = "${url}/${path}" }`];
    const builtin = fixture.write(
      "registry.toml",
      registryText({
        web: [
          { role: "tokenizer", path: "tokenizer.json", sources: sources("tokenizer.json") },
          { role: "weights", path: "model.onnx", sources: sources(WEIGHTS_PATH), ...row },
        ],
      }),
    );
    const registry = await openRegistry({
      home: fixture.home,
      builtin,
      env: { SSL_CERT_FILE: certificate },
      retry: FAST,
    });
    return registry.add("web", { onProgress: (each) => progress.push(each) });
  }

  test("is fetched, going on after a break, and without anybody's token", async () => {
    using fixture = new Fixture();
    await using hub = await secureHub();
    hub.fault = ({ origin, headers }) =>
      origin === hub.cdn && headers.range === undefined ? { cutAfter: 100_000 } : undefined;
    const progress: AddProgress[] = [];
    const report = await add(fixture, hub, { sha256: sha256(WEIGHTS) }, progress);
    expect(report.files.map(({ action, pinned }) => [action, pinned])).toEqual([
      ["fetched", true],
      ["fetched", false],
    ]);
    expect(readFileSync(join(report.folder, "model.onnx"))).toEqual(Buffer.from(WEIGHTS));
    const storage = hub.requests.filter(({ origin }) => origin === hub.cdn);
    expect(storage.map(({ headers, sent }) => [headers.range, sent])).toEqual([
      [undefined, 100_000],
      ["bytes=100000-", 200_000],
    ]);
    expect(storage[1]?.headers["if-range"]).toMatch(/^"storage-/);
    expect(progress.filter(({ phase }) => phase === "retrying").map(({ retry }) => retry?.attempt)).toEqual([
      2,
    ]);
  });

  test("whose file changed since the break is fetched anew and not put together from two", async () => {
    using fixture = new Fixture();
    await using hub = await secureHub();
    const storage = () => hub.requests.filter(({ origin }) => origin === hub.cdn);
    hub.fault = ({ origin }) =>
      origin === hub.cdn && storage().length === 1
        ? { cutAfter: 100_000, flip: 5, headers: { etag: '"old"' } }
        : undefined;
    const report = await add(fixture, hub);
    expect(report.files[1]?.sha256).toBe(sha256(WEIGHTS));
    expect(storage().map(({ sent }) => sent)).toEqual([100_000, WEIGHTS.length]);
  });

  test("with other bytes than the registry names, or none, is an error and leaves nothing", async () => {
    using fixture = new Fixture();
    await using hub = await secureHub();
    expect(await rejection(add(fixture, hub, { sha256: sha256("other") }))).toMatchObject({
      code: "INTEGRITY",
      details: { expected: sha256("other"), found: sha256(WEIGHTS) },
    });
    const gone = [`{ kind = "url", url = "${hub.endpoint}/${REPO}/resolve/main/gone" }`];
    expect(await rejection(add(fixture, hub, { sources: gone }))).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("there is no such file"),
    });
  });
});
