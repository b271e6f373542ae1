/** Connections that break, stall and trickle: the right file arrives, and no byte twice that need not. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { RetryNotice } from "../src/index.ts";
import { text } from "./support/fake-hub-routes.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { FAST, HubFixture, source, WEIGHTS } from "./support/hub-fixture.ts";

const SIZE = WEIGHTS.length;
const tenths = Array.from({ length: 10 }, (_, tenth) => (tenth * SIZE) / 10);

describe("a connection", () => {
  test.each(tenths)("that is cut after %i bytes is taken up there", async (cutAfter) => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) =>
      origin === fixture.hub.cdn && fixture.downloads.length === 1 ? { cutAfter } : undefined;
    const notices: RetryNotice[] = [];
    const file = await fixture.client().fetch(source(), { onRetry: (notice) => notices.push(notice) });
    expect(file.sha256).toBe(sha256(WEIGHTS));
    expect(readFileSync(file.location)).toEqual(Buffer.from(WEIGHTS));
    expect(fixture.downloads.map(({ headers, sent }) => [headers.range, sent])).toEqual([
      [undefined, cutAfter],
      [cutAfter === 0 ? undefined : `bytes=${cutAfter}-`, SIZE - cutAfter],
    ]);
    expect(notices).toHaveLength(1);
    expect(fixture.faults()).toEqual([]);
  });

  test("may be cut any number of times as long as each brings something", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => (origin === fixture.hub.cdn ? { cutAfter: 20_000 } : undefined);
    const file = await fixture.client().fetch(source());
    expect(file.sha256).toBe(sha256(WEIGHTS));
    expect(fixture.downloads).toHaveLength(SIZE / 20_000);
    expect(fixture.hub.fileBytes).toBe(SIZE + redirectBytes(fixture));
  });

  test("that always breaks at the same byte is given up, and what came is kept for the next call", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin, headers }) =>
      origin === fixture.hub.cdn ? { cutAfter: headers.range === undefined ? 200_000 : 0 } : undefined;
    const error = await rejection(fixture.client().fetch(source()));
    expect(error).toMatchObject({ code: "NETWORK", message: expect.stringContaining("tried 3 times") });
    expect(fixture.faults()).toEqual([]);
    fixture.hub.fault = () => undefined;
    await fixture.client().fetch(source());
    expect(fixture.downloads.at(-1)?.headers.range).toBe("bytes=200000-");
  });

  test("on which nothing comes is given up after the limit, one that trickles is not", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => {
      if (origin !== fixture.hub.cdn) return undefined;
      if (fixture.downloads.length === 1) return { holdAfter: 295_000 };
      return { trickle: { bytes: 500, everyMs: FAST.stallMs / 8 } };
    };
    const notices: RetryNotice[] = [];
    const file = await fixture.client().fetch(source(), { onRetry: (notice) => notices.push(notice) });
    expect(file.sha256).toBe(sha256(WEIGHTS));
    expect(notices.map(({ reason }) => reason)).toEqual(["nothing arrived for 0.2 s"]);
    expect(fixture.downloads.map(({ sent }) => sent)).toEqual([295_000, 5_000]);
  });

  test("that the caller aborts leaves no lock, and the next call goes on from there", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => (origin === fixture.hub.cdn ? { holdAfter: 120_000 } : undefined);
    const controller = new AbortController();
    const error = await rejection(
      fixture.client().fetch(source(), {
        signal: controller.signal,
        onBytes: (bytes) => bytes === 120_000 && controller.abort(),
      }),
    );
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(fixture.faults()).toEqual([]);
    fixture.hub.fault = () => undefined;
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
    expect(fixture.downloads.at(-1)?.headers.range).toBe("bytes=120000-");
  });
});

describe("a server", () => {
  test("that knows no ranges sends the file anew, and one that always breaks so is given up", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) =>
      origin === fixture.hub.cdn
        ? { ignoreRange: true, ...(fixture.downloads.length < 3 ? { cutAfter: 100_000 } : {}) }
        : undefined;
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
    await using other = await HubFixture.start();
    other.hub.fault = ({ origin }) =>
      origin === other.hub.cdn ? { ignoreRange: true, cutAfter: 100_000 } : undefined;
    expect(await rejection(other.client().fetch(source()))).toMatchObject({ code: "NETWORK" });
  });

  test("that sends another range than asked for is not believed", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => {
      if (origin !== fixture.hub.cdn) return undefined;
      if (fixture.downloads.length === 1) return { cutAfter: 100_000 };
      if (fixture.downloads.length > 2) return undefined;
      return { headers: { "content-range": `bytes 50000-${SIZE - 1}/${SIZE}` } };
    };
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
    expect(fixture.downloads.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=100000-",
      undefined,
    ]);
  });

  test("that is out of order for a while is asked again, wherever it is", async () => {
    await using fixture = await HubFixture.start();
    const failed = new Set<string>();
    fixture.hub.fault = ({ method, url }) => {
      const key = `${method} ${url.pathname}`;
      if (failed.has(key)) return undefined;
      failed.add(key);
      return { reply: text(failed.size % 2 === 0 ? 500 : 503, "out of order") };
    };
    expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
    expect([...failed].map((key) => key.split(" ")[0])).toEqual(["GET", "HEAD", "GET", "GET"]);
  });

  test("that stays out of order makes an error that says so", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = () => ({ reply: text(500, "out of order") });
    expect(await rejection(fixture.client().fetch(source()))).toMatchObject({
      code: "NETWORK",
      message: expect.stringMatching(/answers 500/),
    });
    expect(fixture.hub.requests).toHaveLength(FAST.attempts);
  });

  test.each([
    ["in seconds", () => "120"],
    ["as a date", () => new Date(Date.now() + 120_000).toUTCString()],
  ])("that asks to wait %s is waited for", async (_name, wanted) => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ method }) =>
      method === "HEAD" ? { reply: text(429, "", { "retry-after": wanted() }) } : undefined;
    const controller = new AbortController();
    const notices: RetryNotice[] = [];
    const error = await rejection(
      fixture.client().fetch(source(), {
        signal: controller.signal,
        onRetry: (notice) => {
          notices.push(notice);
          controller.abort();
        },
      }),
    );
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(notices[0]?.reason).toContain("answers 429, asking to wait 120 s");
    expect(Math.abs((notices[0]?.delayMs ?? 0) - 120_000)).toBeLessThan(2_000);
  });

  test("that asks to wait a second is asked again after it, and one that asks for hours is not waited for", async () => {
    await using fixture = await HubFixture.start();
    let begin = 0;
    fixture.hub.fault = ({ method }) => {
      if (method !== "HEAD" || begin !== 0) return undefined;
      begin = performance.now();
      return { reply: text(429, "", { "retry-after": "1" }) };
    };
    await fixture.client().fetch(source());
    expect(performance.now() - begin).toBeGreaterThan(990);
    fixture.hub.fault = () => ({ reply: text(429, "", { "retry-after": "7200" }) });
    expect(await rejection(fixture.client().fetch(source("tokenizer.json")))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("asks to wait 7200 s"),
    });
  });
});

test("a part that a killed process left damaged is found out, and gone for the next call", async () => {
  await using fixture = await HubFixture.start();
  fixture.hub.fault = ({ origin }) =>
    origin === fixture.hub.cdn && fixture.downloads.length === 1 ? { cutAfter: 150_000, flip: 7 } : undefined;
  const partial = `${fixture.cache}/models--owner--name/blobs/${sha256(WEIGHTS)}.patina.incomplete`;
  const sizes: number[] = [];
  const error = await rejection(
    fixture.client().fetch(source(), { onRetry: () => sizes.push(statSync(partial).size) }),
  );
  expect(error).toMatchObject({ code: "INTEGRITY", details: { expected: sha256(WEIGHTS) } });
  expect(sizes).toEqual([150_000]);
  expect(existsSync(partial)).toBe(false);
  expect((await fixture.client().fetch(source())).sha256).toBe(sha256(WEIGHTS));
});

/** What the redirects of the hub's own origin carry. */
function redirectBytes(fixture: HubFixture): number {
  const redirects = fixture.hub.requests.filter(
    ({ origin, method, url }) =>
      origin === fixture.hub.endpoint && method === "GET" && !url.pathname.startsWith("/api/"),
  );
  return redirects.reduce((sum, { sent }) => sum + sent, 0);
}

describe("what is at the place of a half-written file", () => {
  const partialIn = (fixture: HubFixture) =>
    join(fixture.cache, "models--owner--name/blobs", `${sha256(WEIGHTS)}.patina.incomplete`);

  test("is not followed where it is a link to somebody's file", async () => {
    await using fixture = await HubFixture.start();
    const theirs = fixture.files.write("theirs.txt", "not yours");
    mkdirSync(join(partialIn(fixture), ".."), { recursive: true });
    symlinkSync(theirs, partialIn(fixture));
    const file = await fixture.client().fetch(source());
    expect(readFileSync(theirs, "utf8")).toBe("not yours");
    expect(readFileSync(file.location)).toEqual(Buffer.from(WEIGHTS));
    expect(fixture.faults()).toEqual([]);
  });

  test("may have been put in place by another process: beginning again leaves that as it is", async () => {
    await using fixture = await HubFixture.start();
    const taken = join(fixture.files.root, "taken");
    fixture.hub.fault = ({ origin }) => {
      if (origin !== fixture.hub.cdn) return undefined;
      if (fixture.downloads.length === 1) return { cutAfter: 100_000 };
      renameSync(partialIn(fixture), taken);
      return { ignoreRange: true };
    };
    const file = await fixture.client().fetch(source());
    expect(statSync(taken).size).toBe(100_000);
    expect(readFileSync(file.location)).toEqual(Buffer.from(WEIGHTS));
  });

  test("taken away for good is an error, and the next call has the file", async () => {
    await using fixture = await HubFixture.start();
    fixture.hub.fault = ({ origin }) => {
      if (origin !== fixture.hub.cdn) return undefined;
      if (fixture.downloads.length === 1) return { cutAfter: 100_000 };
      renameSync(partialIn(fixture), join(fixture.files.root, "taken"));
      return undefined;
    };
    const error = await rejection(fixture.client().fetch(source()));
    expect(error).toMatchObject({ code: "IO", message: expect.stringContaining("another process holds") });
    fixture.hub.fault = () => undefined;
    const file = await fixture.client().fetch(source());
    expect(readFileSync(file.location)).toEqual(Buffer.from(WEIGHTS));
    expect(fixture.faults()).toEqual([]);
  });
});
