import { describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import type { Registry } from "../src/index.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { dirSource, HubStore, ROWS, WEIGHTS } from "./support/hub-store.ts";

async function weightsOf(registry: Registry): Promise<string> {
  return (await registry.resolve("tiny")).files.find(({ role }) => role === "weights")?.path ?? "";
}

/** A time that every file system keeps exactly. */
const LONG_AGO = new Date(1_000_000);

/** Turns one bit, as a disk does: size and time stay. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[42] = (bytes[42] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  utimesSync(file, LONG_AGO, LONG_AGO);
}

describe("a damaged file of the hub's cache", () => {
  test("is named, never loaded, moved among the blobs and fetched again", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    const file = await weightsOf(registry);
    const blob = realpathSync(file);
    truncateSync(blob, 1_000);
    const found = sha256(readFileSync(blob));
    const expected = sha256(WEIGHTS);
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({
      code: "INTEGRITY",
      details: { file, expected, found },
    });
    const [, mended] = (await registry.add("tiny")).files;
    const aside = `${blob}.damaged-${found.slice(0, 12)}`;
    expect(mended).toMatchObject({ action: "fetched", damaged: { file, aside, expected, found } });
    expect(readFileSync(aside)).toHaveLength(1_000);
    expect(readFileSync(await weightsOf(registry))).toEqual(Buffer.from(WEIGHTS));
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    // What was moved aside is taken away by prune, and nothing else.
    const { removed } = await registry.prune();
    expect(removed).toEqual([{ kind: "damaged", path: aside, size: 1_000 }]);
    expect(existsSync(aside)).toBe(false);
    expect(readFileSync(await weightsOf(registry))).toEqual(Buffer.from(WEIGHTS));
  });

  test("that only a whole reading shows is found by verify, and is not taken for right afterwards", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    const blob = realpathSync(await weightsOf(registry));
    utimesSync(blob, LONG_AGO, LONG_AGO);
    const file = await weightsOf(registry);
    flip(blob);
    expect(await weightsOf(registry)).toBe(file);
    expect(await rejection(registry.verify("tiny"))).toMatchObject({ code: "INTEGRITY" });
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({ code: "INTEGRITY" });
    expect((await registry.add("tiny")).files.map(({ action }) => action)).toEqual(["present", "fetched"]);
    expect((await registry.verify("tiny")).files).toHaveLength(2);
  });

  test("that cannot be fetched again stays an integrity error that says where the bytes went", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    const file = await weightsOf(registry);
    truncateSync(realpathSync(file), 1_000);
    const offline = await store.open(undefined, { env: { HF_HUB_OFFLINE: "1" } });
    const error = await rejection(offline.add("tiny"));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file, expected: sha256(WEIGHTS) } });
    expect((error as Error).message).toContain(".damaged-");
    expect((error as Error).message).toContain("HF_HUB_OFFLINE");
    // Python's tools would follow a link that leads somewhere.
    expect(() => lstatSync(file)).toThrow();
    expect((await registry.add("tiny")).files[1]).toMatchObject({ action: "fetched", pinned: false });
  });

  test("that another tool left there is not pinned", async () => {
    await using store = await HubStore.start();
    await (await store.open()).add("tiny");
    const blob = realpathSync(await weightsOf(await store.open()));
    truncateSync(blob, 1_000);
    rmSync(store.fixture.home, { recursive: true });
    const [, weights] = (await (await store.open()).add("tiny")).files;
    expect(weights).toMatchObject({ action: "fetched", sha256: sha256(WEIGHTS), damaged: { file: blob } });
  });
});

test("a damaged file of the store is moved aside within its folder", async () => {
  await using store = await HubStore.start();
  const weights = store.fixture.write("files/model.onnx", WEIGHTS);
  const [tokenizer] = ROWS;
  if (tokenizer === undefined) throw new Error("a row");
  const registry = await store.open({
    tiny: [tokenizer, { role: "weights", path: "model.onnx", sources: [dirSource(weights)] }],
  });
  await registry.add("tiny");
  const file = await weightsOf(registry);
  truncateSync(file, 10);
  const [, mended] = (await registry.add("tiny")).files;
  expect(mended?.damaged?.aside).toStartWith(`${file}.damaged-`);
  expect(readFileSync(file)).toEqual(Buffer.from(WEIGHTS));
});
