import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HubStore, ROWS, WEIGHTS } from "./support/hub-store.ts";

const BOTH = { tiny: ROWS, other: ROWS };

describe("remove", () => {
  test("takes what patina downloaded out of the hub's cache, and leaves nothing behind", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    const { removed } = await registry.remove("tiny");
    expect(removed).toMatchObject([{ variant: "fp32", kept: [] }]);
    expect(removed[0]?.size).toBeGreaterThan(WEIGHTS.length);
    expect(store.cached()).toEqual([]);
    // A commit or a reference that leads nowhere is called corrupted by Python's tools.
    expect(existsSync(join(store.cache, "models--owner--name"))).toBe(false);
    expect(readdirSync(join(store.fixture.home, "models"))).toEqual([]);
  });

  test("takes what an update left of older commits as well", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    // The tokenizer stays the same blob, under two commits.
    store.commit({ "onnx/model.onnx": new Uint8Array(200_000).fill(3) });
    await registry.update("tiny", { confirm: () => true });
    const { removed } = await registry.remove("tiny");
    expect(removed.map(({ variant, kept }) => [variant, kept])).toEqual([
      ["fp32", []],
      [null, []],
    ]);
    expect(removed[1]?.size).toBeGreaterThan(WEIGHTS.length);
    expect(store.cached()).toEqual([]);
  });

  test("leaves what another entry uses until that goes as well", async () => {
    await using store = await HubStore.start();
    const registry = await store.open(BOTH);
    await registry.add("tiny");
    expect((await registry.add("other")).files.map(({ action }) => action)).toEqual(["reused", "reused"]);
    const first = await registry.remove("tiny");
    expect(first.removed[0]?.kept.map(({ reason }) => reason)).toEqual([
      "other uses it as well",
      "other uses it as well",
    ]);
    expect((await registry.resolve("other")).files).toHaveLength(2);
    expect((await registry.remove("other")).removed[0]?.kept).toEqual([]);
    expect(store.cached()).toEqual([]);
  });

  test("leaves what other tools brought, and a blob that another snapshot shows", async () => {
    await using store = await HubStore.start();
    const commit = store.commit();
    const registry = await store.open();
    await registry.add("tiny");
    const repository = join(store.cache, "models--owner--name");
    const other = join(repository, "snapshots", "0".repeat(40), "onnx", "model.onnx");
    mkdirSync(dirname(other), { recursive: true });
    const [blob = ""] = readdirSync(join(repository, "blobs")).filter((name) => name.length === 64);
    symlinkSync(join("../../../blobs", blob), other);
    const { removed } = await registry.remove("tiny");
    expect(removed[0]?.kept).toEqual([
      {
        location: join(repository, "snapshots", commit, "onnx/model.onnx"),
        reason: "another snapshot of the hub's cache uses it as well",
      },
    ]);
    expect(readFileSync(other)).toEqual(Buffer.from(WEIGHTS));

    const again = await store.open();
    expect((await again.add("tiny")).files.map(({ action }) => action)).toEqual(["fetched", "reused"]);
    const kept = (await again.remove("tiny")).removed[0]?.kept;
    expect(kept).toMatchObject([{ reason: "nothing says that patina downloaded it" }]);
  });
});

describe("prune", () => {
  test("deletes what a killed process left, and nothing that is in use", async () => {
    await using store = await HubStore.start();
    const registry = await store.open(BOTH);
    const { folder } = await registry.add("tiny");
    const models = dirname(folder);
    const left = store.fixture.write("home/models/tiny/.incoming-0a/file-0", "half");
    const old = store.fixture.write(`home/models/gone/${"0".repeat(64)}/model.onnx`, "old");
    const part = join(store.cache, "models--owner--name/blobs", `${"1".repeat(64)}.patina.incomplete`);
    writeFileSync(part, "part");
    const python = join(store.cache, "models--owner--name/blobs", `${"1".repeat(64)}.incomplete`);
    writeFileSync(python, "another tool's");
    const graph = store.fixture.write(
      "home/cache/graphs/a/record.json",
      JSON.stringify({ origin: { weights: "2".repeat(64) } }),
    );
    const looked = await registry.prune({ dryRun: true });
    expect(looked.removed.map(({ kind }) => kind).sort()).toEqual([
      "download",
      "graph",
      "unfinished",
      "variant",
    ]);
    for (const file of [left, old, part, graph]) expect(existsSync(file)).toBe(true);
    const { removed, freed } = await registry.prune();
    expect(removed).toEqual(looked.removed);
    expect(freed).toBe(looked.freed);
    for (const file of [left, old, part, graph]) expect(existsSync(file)).toBe(false);
    expect(existsSync(python)).toBe(true);
    expect(readdirSync(models)).toHaveLength(1);
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
    expect((await registry.prune()).removed).toEqual([]);
  });

  test("leaves what another project's lock names", async () => {
    await using store = await HubStore.start();
    const project = await store.open(undefined, { project: true });
    await project.add("tiny");
    const registry = await store.open();
    expect((await registry.prune()).removed).toEqual([]);
    expect((await project.resolve("tiny")).files).toHaveLength(2);
  });

  test("leaves a model alone that another process is adding", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    // Slow enough for the other to come in between.
    store.hub.fault = ({ method, url }) =>
      method === "GET" && !url.pathname.startsWith("/api/")
        ? { trickle: { bytes: 100_000, everyMs: 100 } }
        : undefined;
    let busy: readonly string[] = [];
    let pruned: Promise<void> | undefined;
    await registry.add("tiny", {
      onProgress: ({ phase }) => {
        if (phase !== "checking" || pruned !== undefined) return;
        pruned = registry.prune().then((report) => {
          busy = report.busy;
        });
      },
    });
    await pruned;
    expect(busy).toEqual(["tiny"]);
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
  });
});
