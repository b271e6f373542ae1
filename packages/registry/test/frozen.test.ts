import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { rejection } from "./support/fixture.ts";
import { HubStore, hubSource, ROWS, WEIGHTS } from "./support/hub-store.ts";

const [TOKENIZER_ROW, WEIGHTS_ROW] = ROWS;
if (TOKENIZER_ROW === undefined || WEIGHTS_ROW === undefined) throw new Error("two rows");

/** A store whose project has a lock for "tiny", and an empty home and cache. */
async function locked(): Promise<HubStore & { lock: string }> {
  const store = await HubStore.start();
  const { lock } = await (await store.open(undefined, { project: true })).add("tiny");
  rmSync(store.cache, { recursive: true });
  rmSync(store.fixture.home, { recursive: true });
  return Object.assign(store, { lock });
}

describe("a frozen lock", () => {
  test("brings what it names, whatever the branch is now, and is left as it is", async () => {
    await using store = await locked();
    const text = readFileSync(store.lock, "utf8");
    store.commit({ "onnx/model.onnx": "newer" });
    const registry = await store.open(undefined, { project: true });
    const { files } = await registry.add("tiny", { frozen: true });
    expect(files.map(({ action }) => action)).toEqual(["fetched", "fetched"]);
    expect(readFileSync(files[1]?.location ?? "")).toEqual(Buffer.from(WEIGHTS));
    expect(readFileSync(store.lock, "utf8")).toBe(text);
    expect((await registry.resolve("tiny")).files).toHaveLength(2);
  });

  const digest = "0".repeat(64);
  const differences: [name: string, rows: (typeof ROWS)[number][], told: string][] = [
    ["another digest", [TOKENIZER_ROW, { ...WEIGHTS_ROW, sha256: digest }], `the registry's ${digest}`],
    ["another size", [TOKENIZER_ROW, { ...WEIGHTS_ROW, size: 7 }], "its size is 300000, the registry's 7"],
    [
      "another source",
      [TOKENIZER_ROW, { ...WEIGHTS_ROW, sources: [hubSource("onnx/model.onnx", "other/name")] }],
      "the registry from hub:other/name@main/onnx/model.onnx",
    ],
    [
      "a file more",
      [
        TOKENIZER_ROW,
        WEIGHTS_ROW,
        { role: "config", path: "config.json", sources: [hubSource("config.json")] },
      ],
      "config.json: it has no such file",
    ],
    ["a file less", [TOKENIZER_ROW, { ...WEIGHTS_ROW, path: "model.onnx" }], "the registry does not"],
  ];
  test.each(differences)("refuses %s, names it, and writes nothing", async (_name, rows, told) => {
    await using store = await locked();
    const requests = store.hub.requests.length;
    const text = readFileSync(store.lock, "utf8");
    const registry = await store.open({ tiny: rows }, { project: true });
    const error = await rejection(registry.add("tiny", { frozen: true }));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file: store.lock } });
    expect((error as Error).message).toContain(told);
    expect(store.hub.requests.length).toBe(requests);
    expect(store.cached()).toEqual([]);
    expect(readFileSync(store.lock, "utf8")).toBe(text);
  });

  test("refuses a model that only the lock of the home folder has", async () => {
    await using store = await HubStore.start();
    await (await store.open()).add("tiny");
    const registry = await store.open(undefined, { project: true });
    expect(await rejection(registry.add("tiny", { frozen: true }))).toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("has no row for tiny fp32 (onnx)"),
    });
  });

  test("refuses a commit whose file is another one", async () => {
    await using store = await locked();
    const commit = JSON.parse(readFileSync(store.lock, "utf8")).models.tiny[0].files[0].revision as string;
    const other = store.commit({ "onnx/model.onnx": WEIGHTS.map((byte) => byte ^ 1) });
    const text = readFileSync(store.lock, "utf8").replaceAll(commit, other);
    writeFileSync(store.lock, text);
    const registry = await store.open(undefined, { project: true });
    expect(await rejection(registry.add("tiny", { frozen: true }))).toMatchObject({ code: "INTEGRITY" });
    expect(await registry.status("tiny")).toMatchObject([{ files: [{}, { state: "missing" }] }]);
    expect(readFileSync(store.lock, "utf8")).toBe(text);
  });
});
