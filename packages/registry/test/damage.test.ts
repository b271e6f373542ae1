import { describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import type { PatinaError } from "@patina/core";
import type { Registry } from "../src/index.ts";
import { rejection, sha256 } from "./support/fixture.ts";
import { dirSource, HubStore, ROWS, TOKENIZER, WEIGHTS } from "./support/hub-store.ts";

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

describe("a sound file of the hub's cache that is not the one that is wanted", () => {
  const wanted = "b".repeat(64);

  test.each([{}, { HF_HUB_OFFLINE: "1" }])(
    "by a lock is an integrity error, and stays where it is, with %j",
    async (env) => {
      await using store = await HubStore.start();
      const { lock } = await (await store.open()).add("tiny");
      const cached = store.cached();
      const text = readFileSync(lock, "utf8").replace(/"sha256": ".{64}"/g, `"sha256": "${wanted}"`);
      const wrong = store.fixture.write("project/.patina/models.lock", text);
      const registry = await store.open(undefined, { project: true, env });
      for (const frozen of [false, true]) {
        const error = await rejection(registry.add("tiny", { frozen }));
        expect(error).toMatchObject({ code: "INTEGRITY", details: { expected: wanted } });
        expect([sha256(TOKENIZER), sha256(WEIGHTS)]).toContain((error as PatinaError).details.found ?? "");
        expect((error as Error).message).toContain(wrong);
        expect((error as Error).message).not.toContain("is damaged");
      }
      expect(store.cached()).toEqual(cached);
      expect((await (await store.open()).resolve("tiny")).files).toHaveLength(2);
    },
  );

  test("by the registry is an integrity error, and stays where it is", async () => {
    await using store = await HubStore.start();
    const { lock } = await (await store.open()).add("tiny");
    const cached = store.cached();
    writeFileSync(lock, readFileSync(lock, "utf8").replaceAll(sha256(WEIGHTS), wanted));
    const [tokenizer, weights] = ROWS;
    if (tokenizer === undefined || weights === undefined) throw new Error("two rows");
    const registry = await store.open({ tiny: [tokenizer, { ...weights, sha256: wanted }] });
    expect(await rejection(registry.add("tiny"))).toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("the registry's entry"),
      details: { expected: wanted, found: sha256(WEIGHTS) },
    });
    expect(store.cached()).toEqual(cached);
  });
});

describe("a wrong file that only a link shows in a folder of patina", () => {
  test("of the hub's cache is not moved, and neither is the link", async () => {
    await using store = await HubStore.start();
    const registry = await store.open();
    await registry.add("tiny");
    const file = await weightsOf(registry);
    const elsewhere = store.fixture.write("elsewhere/model.onnx", "somebody's own");
    rmSync(file);
    symlinkSync(elsewhere, file);
    const error = await rejection(registry.add("tiny"));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file, expected: sha256(WEIGHTS) } });
    expect((error as Error).message).toContain(elsewhere);
    expect(readFileSync(elsewhere, "utf8")).toBe("somebody's own");
    expect(realpathSync(file)).toBe(elsewhere);
  });

  test("of the store is not moved, and neither is the link", async () => {
    await using store = await HubStore.start();
    const weights = store.fixture.write("files/model.onnx", WEIGHTS);
    const [tokenizer] = ROWS;
    if (tokenizer === undefined) throw new Error("a row");
    const row = { role: "weights", path: "model.onnx", sources: [dirSource(weights)] };
    const registry = await store.open({ tiny: [tokenizer, row] });
    await registry.add("tiny");
    const file = await weightsOf(registry);
    const elsewhere = store.fixture.write("elsewhere/model.onnx", "somebody's own");
    rmSync(file);
    symlinkSync(elsewhere, file);
    expect(await rejection(registry.add("tiny"))).toMatchObject({ code: "INTEGRITY", details: { file } });
    expect(readFileSync(elsewhere, "utf8")).toBe("somebody's own");
    expect(realpathSync(file)).toBe(elsewhere);
  });
});
