import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "../src/index.ts";
import { registryText, rejection, sha256 } from "./support/fixture.ts";
import { dirSource, HubStore, hubSource, REPO, ROWS, TOKENIZER, WEIGHTS } from "./support/hub-store.ts";

const OFFLINE = { env: { HF_HUB_OFFLINE: "1" } };

describe("a model of the hub", () => {
  test("stays in the hub's cache, pinned by commit and digest, and resolves without a network", async () => {
    await using store = await HubStore.start();
    const commit = store.commit();
    const registry = await store.open();
    const report = await registry.add("tiny");
    const snapshot = join(store.cache, "models--owner--name", "snapshots", commit);
    const tokenizer = { role: "tokenizer", path: "tokenizer.json", sha256: sha256(TOKENIZER) };
    expect(report.files).toMatchObject([
      { ...tokenizer, action: "fetched", pinned: true, location: join(snapshot, "tokenizer.json") },
      { path: "onnx/model.onnx", action: "fetched", pinned: true, revision: commit },
    ]);
    expect(readdirSync(report.folder)).toEqual(["verified.json"]);
    const { models } = JSON.parse(readFileSync(report.lock, "utf8"));
    expect(models.tiny[0].files[0]).toEqual({
      ...{ path: "onnx/model.onnx", size: WEIGHTS.length, sha256: sha256(WEIGHTS) },
      ...{ source: "hub:owner/name@main/onnx/model.onnx", revision: commit },
    });
    const requests = store.hub.requests.length;
    const spec = await (await store.open(undefined, OFFLINE)).resolve("tiny");
    expect(spec.files[1]?.path).toBe(join(snapshot, "onnx/model.onnx"));
    expect(readFileSync(spec.files[1]?.path ?? "")).toEqual(Buffer.from(WEIGHTS));
    expect((await registry.add("tiny")).files.map(({ action }) => action)).toEqual(["present", "present"]);
    expect(store.hub.requests.length).toBe(requests);
  });

  test("is found where its record is lost: the lock says where", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    const { folder } = await registry.add("tiny");
    rmSync(folder, { recursive: true });
    expect(await registry.status("tiny")).toMatchObject([
      { state: "installed", files: [{ state: "unverified" }, { state: "unverified" }] },
    ]);
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
    expect(await registry.status("tiny")).toMatchObject([
      { files: [{ state: "verified", source: "hub:owner/name@main/tokenizer.json" }, { state: "verified" }] },
    ]);
  });

  test("is taken at the commit of the lock, whatever the branch is now", async () => {
    await using store = await HubStore.start();
    const pinned = store.commit();
    await (await store.open()).add("tiny");
    const moved = store.commit({ "onnx/model.onnx": WEIGHTS.map((byte) => byte ^ 1) });
    rmSync(store.cache, { recursive: true });
    const registry = await store.open();
    const report = await registry.add("tiny");
    expect(report.files.map(({ revision }) => revision)).toEqual([pinned, pinned]);
    expect(report.files.map(({ pinned }) => pinned)).toEqual([false, false]);
    expect(moved).not.toBe(pinned);
  });

  test("that is in the cache already is pinned from there, without a byte and offline", async () => {
    await using store = await HubStore.start();
    const commit = store.commit();
    await (await store.open()).add("tiny");
    rmSync(store.fixture.home, { recursive: true });
    store.commit({ "onnx/model.onnx": "newer" });
    const before = store.hub.requests.length;
    const report = await (await store.open(undefined, OFFLINE)).add("tiny");
    expect(report.files.map(({ action, revision }) => [action, revision])).toEqual([
      ["reused", commit],
      ["reused", commit],
    ]);
    rmSync(store.fixture.home, { recursive: true });
    await (await store.open()).add("tiny");
    expect(store.hub.requests.length).toBe(before);
  });

  test("of which the cache has one file is fetched whole at the commit of today", async () => {
    await using store = await HubStore.start();
    await (await store.open()).add("tiny");
    const [weights] = store.cached().filter((path) => path.endsWith("onnx/model.onnx"));
    rmSync(join(store.cache, weights ?? ""));
    rmSync(store.fixture.home, { recursive: true });
    const newer = store.commit({ "onnx/model.onnx": "newer" });
    const { files } = await (await store.open()).add("tiny");
    expect(files.map(({ revision }) => revision)).toEqual([newer, newer]);
  });

  test("offline and not in the cache is an error that says so, and nothing is asked", async () => {
    await using store = await HubStore.start();
    const error = await rejection((await store.open(undefined, OFFLINE)).add("tiny"));
    expect(error).toMatchObject({ message: expect.stringContaining("HF_HUB_OFFLINE") });
    expect(store.hub.requests).toEqual([]);
    expect(existsSync(join(store.fixture.home, "models.lock"))).toBe(false);
  });

  test("may have files of its own in the store beside", async () => {
    await using store = await HubStore.start();
    const tokenizer = store.fixture.write("files/tokenizer.json", TOKENIZER);
    const [first, second] = ROWS;
    if (first === undefined || second === undefined) throw new Error("two rows");
    const registry = await store.open({ mixed: [{ ...first, sources: [dirSource(tokenizer)] }, second] });
    const { folder } = await registry.add("mixed");
    expect(readdirSync(folder).sort()).toEqual(["tokenizer.json", "verified.json"]);
    const spec = await registry.resolve("mixed");
    expect(spec.files.map(({ path }) => path.startsWith(store.cache))).toEqual([false, true]);
  });

  test("whose hub fails comes from the next source, and the failure is told", async () => {
    await using store = await HubStore.start();
    const weights = store.fixture.write("files/model.onnx", WEIGHTS);
    const sources = [hubSource("onnx/absent.onnx"), dirSource(weights)];
    const [tokenizer] = ROWS;
    if (tokenizer === undefined) throw new Error("a row");
    const registry = await store.open({
      tiny: [tokenizer, { role: "weights", path: "onnx/model.onnx", sources }],
    });
    const { files } = await registry.add("tiny");
    expect(files[1]).toMatchObject({
      source: "dir:model.onnx",
      failed: [{ source: `hub:${REPO}@main/onnx/absent.onnx`, reason: expect.stringContaining("absent") }],
    });
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
  });

  test("that no hub can give names the command for a variant that comes from elsewhere, and it works", async () => {
    await using store = await HubStore.start();
    const tokenizer = dirSource(store.fixture.write("files/tokenizer.json", TOKENIZER));
    const weights = dirSource(store.fixture.write("files/int8.onnx", WEIGHTS));
    const other =
      '[[models.tiny.variants]]\nname = "int8"\nruntime = "onnx"\n' +
      `files = [{ role = "weights", path = "int8.onnx", sources = [${weights}] }]\n` +
      `[[models.tiny.files]]\nrole = "tokenizer"\npath = "tokenizer.json"\nsources = [${tokenizer}]\n`;
    const fp32 = ROWS.filter(({ role }) => role === "weights");
    const builtin = store.fixture.write("two.toml", `${registryText({ tiny: fp32 })}\n${other}`);
    const env = { HF_HUB_OFFLINE: "1", HF_HOME: join(store.fixture.root, "hf") };
    const registry = await openRegistry({ home: store.fixture.home, builtin, env });
    const error = (await rejection(registry.add("tiny", { variant: "fp32" }))) as Error;
    const [, command = ""] = /From elsewhere: `patina model add (.*)`$/.exec(error.message) ?? [];
    expect(command).toBe("tiny --variant int8 --runtime onnx");
    const { files } = await registry.add("tiny", { variant: "int8", runtime: "onnx" });
    expect(files.map(({ action }) => action)).toEqual(["fetched", "fetched"]);
  });

  test("tells of each file and of all together how far it is", async () => {
    await using store = await HubStore.start();
    const events: [string, number | undefined, number | null | undefined][] = [];
    await (await store.open()).add("tiny", {
      onProgress: ({ phase, all }) => events.push([phase, all?.done, all?.bytes]),
    });
    const size = WEIGHTS.length + TOKENIZER.length;
    expect(events.filter(([phase]) => phase === "here").map(([, done]) => done)).toEqual([1, 2]);
    expect(events.findLast(([phase]) => phase === "here")).toEqual(["here", 2, size]);
    expect(events.some(([phase]) => phase === "fetching")).toBe(true);
  });
});
