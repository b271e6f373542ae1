import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { rejection, sha256 } from "./support/fixture.ts";
import { HubStore, TOKENIZER, WEIGHTS } from "./support/hub-store.ts";

const NEWER = WEIGHTS.map((byte) => byte ^ 1);
const look = { confirm: () => false };
const take = { confirm: () => true };

describe("an update", () => {
  test("says that nothing changed, asks nobody and writes nothing", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    const { lock } = await registry.add("tiny");
    const text = readFileSync(lock, "utf8");
    const bytes = store.hub.fileBytes;
    const confirm = () => {
      throw new Error("there is nothing to ask");
    };
    const report = await registry.update("tiny", { confirm });
    expect(report).toMatchObject({ changes: false, applied: false, brought: [] });
    expect(report.variants).toMatchObject([{ invalidates: false }]);
    expect(readFileSync(lock, "utf8")).toBe(text);
    expect(store.hub.fileBytes).toBe(bytes);
  });

  test("shows each file's commit, size and digest before and now, and what that invalidates", async () => {
    await using store = await HubStore.start();
    const before = store.commit();
    const registry = await store.open();
    const { lock } = await registry.add("tiny");
    const text = readFileSync(lock, "utf8");
    const now = store.commit({ "onnx/model.onnx": NEWER });
    const report = await registry.update("tiny", look);
    const tokenizer = { sha256: sha256(TOKENIZER), size: TOKENIZER.length };
    expect(report.variants).toMatchObject([
      {
        invalidates: true,
        files: [
          {
            state: "moved",
            before: { ...tokenizer, revision: before },
            now: { ...tokenizer, revision: now },
          },
          {
            ...{ path: "onnx/model.onnx", state: "changed" },
            before: { revision: before, size: WEIGHTS.length, sha256: sha256(WEIGHTS) },
            now: { revision: now, size: NEWER.length, sha256: sha256(NEWER) },
          },
        ],
      },
    ]);
    expect(report.applied).toBe(false);
    expect(readFileSync(lock, "utf8")).toBe(text);
    expect((await registry.add("tiny")).files.map(({ action }) => action)).toEqual(["present", "present"]);
  });

  test("takes what it has shown, also where the branch moves meanwhile", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    const { folder } = await registry.add("tiny");
    const shown = store.commit({ "onnx/model.onnx": NEWER });
    const report = await registry.update("tiny", {
      confirm: () => {
        store.commit({ "onnx/model.onnx": "newer still", "tokenizer.json": "{}" });
        return true;
      },
    });
    expect(report.applied).toBe(true);
    expect(report.brought[0]?.files.map(({ revision }) => revision)).toEqual([shown, shown]);
    expect(report.brought[0]?.files.map(({ action }) => action)).toEqual(["reused", "fetched"]);
    const spec = await registry.resolve("tiny");
    expect(readFileSync(spec.files[1]?.path ?? "")).toEqual(Buffer.from(NEWER));
    // The files before stay until they are asked away.
    const { removed, freed } = await registry.prune();
    expect(removed).toMatchObject([{ kind: "variant", path: folder }]);
    expect(freed).toBeGreaterThan(WEIGHTS.length);
    expect((await registry.resolve("tiny")).files).toEqual(spec.files);
  });

  test("of a small file that changed shows only when it is fetched, and says so", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    store.commit({ "tokenizer.json": TOKENIZER.replace("1.0", "2.0") });
    const report = await registry.update("tiny", look);
    expect(report.variants).toMatchObject([
      { invalidates: null, files: [{ state: "unknown", now: { sha256: null } }, { state: "moved" }] },
    ]);
    const taken = await registry.update("tiny", take);
    expect(taken.brought[0]?.files[0]).toMatchObject({ action: "fetched", pinned: true });
  });

  test("shows a digest in the lock that is not the hub's at the same commit, and puts it right", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    const { lock } = await registry.add("tiny");
    const text = readFileSync(lock, "utf8");
    writeFileSync(lock, text.replaceAll(sha256(WEIGHTS), sha256("not these")));
    const { variants } = await registry.update("tiny", take);
    expect(variants).toMatchObject([
      {
        invalidates: true,
        files: [
          { state: "same" },
          {
            state: "changed",
            before: { sha256: sha256("not these") },
            now: { sha256: sha256(WEIGHTS) },
          },
        ],
      },
    ]);
    expect(readFileSync(lock, "utf8")).toBe(text);
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
  });

  test("of what no lock has is an error, and so is a hub that does not answer", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    expect(await rejection(registry.update("tiny", take))).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("patina model add tiny"),
    });
    await registry.add("tiny");
    const offline = await store.open(undefined, { env: { HF_HUB_OFFLINE: "1" } });
    expect(await rejection(offline.update("tiny", take))).toMatchObject({
      message: expect.stringContaining("HF_HUB_OFFLINE"),
    });
  });
});
