import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { hubLocation, hubSettings } from "../src/index.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { HubStore, REPO, ROWS } from "./support/hub-store.ts";

const FILES = { "tokenizer.json": "another tokenizer", "onnx/model.onnx": "other weights" };

/** A store whose project has a lock that leads out of the cache, to files of somebody else below the fixture's root. */
async function hostile(
  digest: (text: string) => string,
): Promise<HubStore & { lock: string; others: string }> {
  const store = await HubStore.start();
  const { fixture } = store;
  for (const [path, text] of Object.entries(FILES)) fixture.write(`others/${path}`, text);
  const others = join(fixture.root, "others");
  const revision = relative(join(store.cache, "models--owner--name", "snapshots"), others);
  const files = Object.entries(FILES).map(([path, text]) => ({
    ...{ path, size: text.length, sha256: digest(text) },
    ...{ source: `hub:${REPO}@main/${path}`, revision },
  }));
  const models = { tiny: [{ variant: "fp32", runtime: "onnx", files }] };
  const lock = fixture.write("project/.patina/models.lock", JSON.stringify({ version: 1, models }));
  return Object.assign(store, { lock, others });
}

describe("a lock whose revision is no commit", () => {
  test.each([
    ["the digests of the files that it leads to", sha256],
    ["other digests", () => "a".repeat(64)],
  ])("loads nothing and moves nothing, with %s", async (_name, digest) => {
    await using store = await hostile(digest);
    const registry = await store.open(undefined, { project: true });
    for (const attempt of [
      () => registry.resolve("tiny"),
      () => registry.add("tiny"),
      () => registry.status("tiny"),
    ]) {
      const error = await rejection(attempt());
      expect(error).toMatchObject({ code: "REGISTRY_INVALID", details: { file: store.lock } });
      expect((error as Error).message).toContain("is no commit of tokenizer.json");
      expect((error as Error).message).toContain("restore it from version control");
    }
    expect(readdirSync(store.others, { recursive: true }).sort()).toEqual([
      "onnx",
      "onnx/model.onnx",
      "tokenizer.json",
    ]);
    expect(store.hub.requests).toEqual([]);
  });

  test("is no more believed where a record says the same", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    const { folder } = await registry.add("tiny");
    const record = join(folder, "verified.json");
    const text = readFileSync(record, "utf8");
    const [, commit = ""] = /"revision": "([0-9a-f]{40})"/.exec(text) ?? [];
    writeFileSync(record, text.replaceAll(commit, `../snapshots/${commit}`));
    expect(await registry.status("tiny")).toMatchObject([
      { files: [{ state: "unverified" }, { state: "unverified" }] },
    ]);
  });
});

test.each(["../../elsewhere", "main", "", "A".repeat(40), `${"a".repeat(40)}/..`])(
  "no file of the hub's cache lies below %j",
  (commit) => {
    const settings = hubSettings({ HF_HOME: "/cache" });
    expect(() => hubLocation(settings, REPO, commit, "model.onnx")).toThrow("is no commit");
  },
);

describe("a lock at another commit than the one that the registry pins", () => {
  async function contradicted() {
    const store = await HubStore.start();
    const pinned = store.commit({ "onnx/model.onnx": "the registry's" });
    const other = store.commit({ "onnx/model.onnx": "the lock's" });
    const rows = ROWS.map((row) => ({
      ...row,
      sources: row.sources.map((source) => source.replace('"main"', JSON.stringify(pinned))),
    }));
    const registry = await store.open({ tiny: rows }, { project: true });
    const { lock } = await registry.add("tiny");
    const text = readFileSync(lock, "utf8")
      .replaceAll(`"revision": "${pinned}"`, `"revision": "${other}"`)
      .replace(sha256("the registry's"), sha256("the lock's"))
      .replace(`"size": ${"the registry's".length}`, `"size": ${"the lock's".length}`);
    writeFileSync(lock, text);
    return Object.assign(store, { registry, lock, text, pinned, other });
  }

  test("is refused by add and under --frozen, with both commits, and loads nothing", async () => {
    await using store = await contradicted();
    const { registry, pinned, other } = store;
    const requests = store.hub.requests.length;
    for (const frozen of [false, true]) {
      const error = await rejection(registry.add("tiny", { frozen }));
      expect(error).toMatchObject({ code: "INTEGRITY" });
      for (const part of [pinned, other, "`patina model update tiny`"]) {
        expect((error as Error).message).toContain(part);
      }
    }
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({ code: "MODEL_MISSING" });
    expect(store.hub.requests.length).toBe(requests);
    expect(readFileSync(store.lock, "utf8")).toBe(store.text);
  });

  test("is resolved by update, which takes the registry's", async () => {
    await using store = await contradicted();
    const { applied } = await store.registry.update("tiny", { confirm: () => true });
    expect(applied).toBe(true);
    const { files } = await store.registry.add("tiny", { frozen: true });
    expect(files.map(({ revision }) => revision)).toEqual([store.pinned, store.pinned]);
    expect(readFileSync(files[1]?.location ?? "", "utf8")).toBe("the registry's");
  });
});
