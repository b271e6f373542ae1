/** Bytes, names and redirects that are wrong or hostile: a clear error, and nothing wrong in place. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { hubLocation } from "../src/hub/index.ts";
import type { DamagedFile } from "../src/index.ts";
import { json, text } from "./support/fake-hub-routes.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { HubFixture, REPO, source, TOKENIZER, WEIGHTS, WEIGHTS_PATH } from "./support/hub-fixture.ts";

const SIZE = WEIGHTS.length;

/** What the cache shows of a repository; nothing may be there after a refusal. */
function snapshots(fixture: HubFixture): string[] {
  const folder = join(fixture.cache, "models--owner--name/snapshots");
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
}

describe("wrong bytes", () => {
  test.each([
    ["a flipped byte", { flip: 170_000 }, /SHA-256 expected [0-9a-f]{64}, found [0-9a-f]{64}/],
    ["a byte too few", { headers: { "content-length": `${SIZE - 1}` } }, /300000 bytes are expected, 299999/],
    [
      "a byte too many",
      { headers: { "content-length": `${SIZE + 1}` } },
      /300000 bytes are expected, 300001/,
    ],
  ])("%s is refused and nothing of it kept", async (_name, fault, message) => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => (origin === fixture.hub.cdn ? fault : undefined);
    const error = await rejection(fixture.client().fetch(source()));
    expect(error).toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(message) });
    expect(snapshots(fixture)).toEqual([]);
    expect(readdirSync(join(fixture.cache, "models--owner--name/blobs"))).toEqual([]);
    expect(fixture.faults()).toEqual([]);
    fixture.hub.fault = () => undefined;
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
  });

  test("a flipped byte of a small file is found by git's digest", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ method, url }) =>
      method === "GET" && url.pathname.includes("/resolve/") ? { flip: 3 } : undefined;
    const error = await rejection(fixture.client().fetch(source("tokenizer.json")));
    expect(error).toMatchObject({
      code: "INTEGRITY",
      message: expect.stringMatching(/git-blob SHA-1 expected [0-9a-f]{40}, found [0-9a-f]{40}/),
    });
    expect(fixture.faults()).toEqual([]);
  });

  test("a file that is not the one a lock names is refused before it is fetched", async () => {
    await using fixture = await HubFixture.start();
    const pinned = sha256("another");
    const error = await rejection(fixture.client().fetch(source(), { sha256: pinned }));
    expect(error).toMatchObject({
      code: "INTEGRITY",
      details: { expected: pinned, found: sha256(WEIGHTS) },
    });
    expect(fixture.downloads).toEqual([]);
    await fixture.client().fetch(source());
    expect(await rejection(fixture.client().fetch(source(), { sha256: pinned }))).toMatchObject({
      code: "INTEGRITY",
    });
  });

  test.each([
    ["truncated", (blob: string) => truncateSync(blob, 1_000)],
    [
      "changed",
      (blob: string) =>
        writeFileSync(
          blob,
          WEIGHTS.map((byte) => byte ^ 1),
        ),
    ],
  ])(
    "a cached file that was %s is reported and fetched again, or named where no network may be used",
    async (_name, damage) => {
      await using fixture = await HubFixture.start();
      await fixture.client().fetch(source());
      damage(join(fixture.cache, "models--owner--name/blobs", sha256(WEIGHTS)));
      const offline = await rejection(fixture.client({ HF_HUB_OFFLINE: "1" }).fetch(source()));
      expect(offline).toMatchObject({ code: "INTEGRITY", details: { expected: sha256(WEIGHTS) } });
      const damaged: DamagedFile[] = [];
      const file = await fixture.client().fetch(source(), { onDamaged: (found) => damaged.push(found) });
      expect(damaged).toMatchObject([{ expected: sha256(WEIGHTS) }]);
      expect(readFileSync(file.location)).toEqual(Buffer.from(WEIGHTS));
      // What was damaged stays beside it, under a name that is no digest's.
      expect(fixture.faults()).toEqual([`stray ${basename(damaged[0]?.aside ?? "")}`]);
    },
  );
});

describe("an ETag without a digest", () => {
  const NO_DIGEST = { "x-linked-etag": '"abc-1"', etag: 'W/"abc-1"' };

  test("has the hub's list asked for one", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ method }) => (method === "HEAD" ? { headers: NO_DIGEST } : undefined);
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
    expect((await fixture.client().fetch(source("tokenizer.json"))).sha256).toBe(sha256(TOKENIZER));
    expect(fixture.faults()).toEqual([]);
  });

  test("and a list without one is an error, unless a digest is pinned", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ method, url }) => {
      if (method === "HEAD") return { headers: NO_DIGEST };
      return url.pathname.includes("paths-info")
        ? { reply: json([{ type: "file", path: WEIGHTS_PATH, size: SIZE }]) }
        : undefined;
    };
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("names no digest"),
    });
    expect(fixture.downloads).toEqual([]);
    const pinned = await fixture.client().fetch(source(), { sha256: sha256(WEIGHTS) });
    expect(readFileSync(pinned.location)).toEqual(Buffer.from(WEIGHTS));
  });
});

describe("a file that changes", () => {
  test("between two files of one operation does not: both are of one commit", async () => {
    await using fixture = await HubFixture.start();
    const client = fixture.client();
    await client.fetch(source());
    const moved = fixture.hub.commit(REPO, { "tokenizer.json": "another" });
    const file = await client.fetch(source("tokenizer.json"));
    expect([file.revision, file.sha256]).toEqual([fixture.commit, sha256(TOKENIZER)]);
    const later = await fixture.client().fetch(source("tokenizer.json"));
    expect([later.revision, later.sha256]).toEqual([moved, sha256("another")]);
    const locked = await fixture.client().fetch(source("tokenizer.json"), { commit: fixture.commit });
    expect(locked).toMatchObject({ sha256: sha256(TOKENIZER), fetched: false });
  });

  test("while it is fetched is not put together from two", async () => {
    await using fixture = await HubFixture.start();
    const other = { "x-linked-etag": `"${sha256("another")}"` };
    fixture.hub.fault = ({ origin, method, url }) => {
      if (origin === fixture.hub.cdn) return { cutAfter: 100_000 };
      return method === "GET" && url.pathname.includes("/resolve/") && fixture.downloads.length > 0
        ? { headers: other }
        : undefined;
    };
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("changed while it was fetched"),
    });
    expect(snapshots(fixture)).toEqual([]);
    expect(fixture.faults()).toEqual([]);
  });
});

describe("hostile answers", () => {
  test.each([
    ["climbs out", "file", "../../evil"],
    ["is absolute", "file", "/etc/passwd"],
    ["is absolute on Windows", "file", "C:/evil"],
    ["holds a backslash", "file", "..\\evil"],
    ["is a symbolic link", "symlink", "link"],
  ])("a list with a name that %s is refused whole", async (_name, type, path) => {
    await using fixture = await HubFixture.start();
    const rows = [{ type, path, size: 3, oid: "0".repeat(40) }];
    fixture.hub.fault = ({ url }) => (url.pathname.includes("/tree/") ? { reply: json(rows) } : undefined);
    expect(await rejection(fixture.client().resolve(REPO, "main"))).toMatchObject({
      code: "INTEGRITY",
      details: { file: path },
    });
  });

  test.each(["../../evil", "/etc/passwd", "a/../../b", "a\\b"])(
    "the path %s is not asked for",
    async (path) => {
      await using fixture = await HubFixture.start();
      expect(await rejection(fixture.client().fetch(source(path)))).toMatchObject({ code: "INVALID_INPUT" });
      expect(fixture.hub.requests).toEqual([]);
    },
  );

  test("a commit that is none is no folder", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ url }) =>
      url.pathname.includes("/revision/") ? { reply: json({ sha: "../../../evil" }) } : undefined;
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("does not answer as the hub does"),
    });
    expect(existsSync(fixture.cache)).toBe(false);
  });

  test("a list that continues elsewhere is not followed", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ url }) =>
      url.pathname.includes("/tree/")
        ? { reply: json([], { link: `<${fixture.hub.cdn}/more>; rel="next"` }) }
        : undefined;
    expect(await rejection(fixture.client().resolve(REPO, "main"))).toMatchObject({ code: "NETWORK" });
    expect(fixture.downloads).toEqual([]);
  });

  test.each([
    ["a loop", (fixture: HubFixture) => `${fixture.hub.cdn}/a`, /in a loop/],
    [
      "ever new addresses",
      (fixture: HubFixture) => `${fixture.hub.cdn}/${Math.random()}`,
      /more than 10 times/,
    ],
    ["a file of this machine", () => "file:///etc/passwd", /no web address/],
  ])("a redirect to %s is an error", async (_name, location, message) => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ method, url, origin }) =>
      method === "GET" && (origin === fixture.hub.cdn || url.pathname.includes("/resolve/"))
        ? { reply: text(302, "", { location: location(fixture) }) }
        : undefined;
    const error = await rejection(fixture.client().fetch(source()));
    expect(error).toMatchObject({ code: "NETWORK", message: expect.stringMatching(message) });
    expect(snapshots(fixture)).toEqual([]);
    expect(fixture.faults()).toEqual([]);
  });
});

describe("the token", () => {
  test("goes to the endpoint and to nobody else, also when another origin asks for it", async () => {
    await using fixture = await HubFixture.start();
    await fixture.client().resolve(REPO, "main");
    await fixture.client().fetch(source());
    const tokens = (origin: string) =>
      new Set(
        fixture.hub.requests
          .filter((each) => each.origin === origin)
          .map(({ headers }) => headers.authorization),
      );
    expect(tokens(fixture.hub.endpoint)).toEqual(new Set(["Bearer hf_secret"]));
    expect(tokens(fixture.hub.cdn)).toEqual(new Set([undefined]));

    rmSync(fixture.cache, { recursive: true });
    fixture.hub.fault = ({ origin }) =>
      origin === fixture.hub.cdn
        ? { reply: text(401, "", { "www-authenticate": `Bearer realm="${fixture.hub.cdn}"` }) }
        : undefined;
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({ code: "MODEL_MISSING" });
    expect(tokens(fixture.hub.cdn)).toEqual(new Set([undefined]));
  });

  test("does not come along when another origin sends the request back", async () => {
    await using fixture = await HubFixture.start();
    const back = `${fixture.hub.endpoint}/back`;
    fixture.hub.fault = ({ origin }) =>
      origin === fixture.hub.cdn ? { reply: text(302, "", { location: back }) } : undefined;
    await rejection(fixture.client().fetch(source()));
    const returned = fixture.hub.requests.filter(({ url }) => url.pathname === "/back");
    expect(returned.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("is kept back where the user says so, and found where Python's login stored it", async () => {
    await using fixture = await HubFixture.start();
    expect(fixture.settings({ HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }).token).toBeUndefined();
    expect(fixture.settings({ HF_TOKEN: "" }).token).toBeUndefined();
    fixture.files.write("home/token", "hf_stored\n");
    expect(fixture.settings({ HF_TOKEN: "" }).token).toBe("hf_stored");
    const elsewhere = fixture.files.write("elsewhere", " hf_elsewhere ");
    expect(fixture.settings({ HF_TOKEN: "", HF_TOKEN_PATH: elsewhere }).token).toBe("hf_elsewhere");
  });
});

describe("what the hub does not have or not give", () => {
  const cases: [name: string, run: (fixture: HubFixture) => Promise<unknown>, message: RegExp][] = [
    ["a file", (fixture) => fixture.client().fetch(source("no.onnx")), /has no file no\.onnx at revision/],
    ["a revision", (fixture) => fixture.client().fetch(source(WEIGHTS_PATH, "v9")), /has no revision v9/],
    ["a repository", (fixture) => fixture.client().resolve("no/body", "main"), /has no repository no\/body/],
    [
      "a gated one without a token",
      (fixture) => {
        fixture.hub.commit("owner/gated", {}, { gated: true });
        return fixture.client({ HF_TOKEN: "" }).resolve("owner/gated", "main");
      },
      /accept its terms at http:\/\/127.*owner\/gated, then set HF_TOKEN/,
    ],
    [
      "one for others",
      (fixture) => {
        fixture.hub.fault = () => ({ reply: text(403, "") });
        return fixture.client().fetch(source());
      },
      /refuses owner\/name \(403\): the token in HF_TOKEN/,
    ],
  ];
  test.each(cases)("%s is named with what to do", async (_name, run, message) => {
    await using fixture = await HubFixture.start();
    const error = await rejection(run(fixture));
    expect(error).toMatchObject({ code: "MODEL_MISSING", message: expect.stringMatching(message) });
    expect(fixture.faults()).toEqual([]);
  });

  test("a page of somebody else's is not taken for the hub", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = () => ({ reply: text(200, "<html>Log in to this network</html>") });
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("does not answer as the hub does"),
    });
  });
});

test("offline no request is made: what is cached is verified and used, the rest is an error that says so", async () => {
  await using fixture = await HubFixture.start();
  await fixture.client().fetch(source());
  const before = fixture.hub.requests.length;
  const client = fixture.client({ HF_HUB_OFFLINE: "1" });
  const file = await client.fetch(source());
  expect(file).toMatchObject({ fetched: false, sha256: sha256(WEIGHTS) });
  expect(file.location).toBe(hubLocation(fixture.settings(), REPO, fixture.commit, WEIGHTS_PATH));
  for (const missing of [source("tokenizer.json"), source(WEIGHTS_PATH, "v2")]) {
    expect(await rejection(client.fetch(missing))).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("HF_HUB_OFFLINE is set"),
    });
  }
  expect(await rejection(client.resolve(REPO, "main"))).toMatchObject({ code: "MODEL_MISSING" });
  expect(fixture.hub.requests).toHaveLength(before);
});
