import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { registryText, rejection, sha256 } from "./support/fixture.ts";
import { dirSource, HubStore, ROWS } from "./support/hub-store.ts";

/** Adds `tiny` for the fixture's project, then moves the project to where nobody looks. */
async function projectAway(store: HubStore): Promise<{ lock: string; folder: string; comeBack: () => void }> {
  const { project } = store.fixture;
  const { lock, folder } = await (await store.open(undefined, { project: true })).add("tiny");
  renameSync(project, `${project}.away`);
  return { lock, folder, comeBack: () => renameSync(`${project}.away`, project) };
}

describe("an overlay that hides an entry takes nothing out of use", () => {
  test("of the home's lock", async () => {
    await using store = await HubStore.start();
    await (await store.open()).add("tiny");
    const rows = ROWS.map((row) => ({ ...row, sha256: "c".repeat(64) }));
    store.fixture.write("project/.patina/models.toml", registryText({ tiny: rows }));
    const inProject = await store.open(undefined, { project: true });
    expect(inProject.entry("tiny").trusted).toBe(false);
    expect((await inProject.prune()).removed).toEqual([]);
    expect((await (await store.open()).resolve("tiny")).files).toHaveLength(2);
  });

  test("of a user's model whose files are nowhere else, with or without its lock", async () => {
    await using store = await HubStore.start();
    const { fixture } = store;
    const weights = fixture.write("made/model.onnx", "weights");
    const tokenizer = fixture.write("made/tokenizer.json", "{}");
    const rows = [
      { role: "tokenizer", path: "tokenizer.json", sources: [dirSource(tokenizer)], sha256: sha256("{}") },
      { role: "weights", path: "model.onnx", sources: [dirSource(weights)], sha256: sha256("weights") },
    ];
    fixture.write("home/models.toml", registryText({ mine: rows }));
    const { lock } = await (await store.open()).add("mine");
    rmSync(dirname(weights), { recursive: true });
    fixture.write("project/.patina/models.toml", registryText({ mine: ROWS }));
    const inProject = await store.open(undefined, { project: true });
    expect((await inProject.prune()).removed).toEqual([]);
    rmSync(lock);
    expect((await inProject.prune()).removed).toEqual([]);
    expect((await (await store.open()).resolve("mine")).files).toHaveLength(2);
  });
});

describe("a project whose disk is away", () => {
  test("keeps its model, while what is half-done goes", async () => {
    await using store = await HubStore.start();
    const { lock, folder, comeBack } = await projectAway(store);
    const half = store.fixture.write("home/models/tiny/.incoming-0a/file-0", "half");
    const report = await (await store.open()).prune();
    expect(report).toMatchObject({ unseenLocks: [lock], spared: [folder] });
    expect(report.removed.map(({ kind }) => kind)).toEqual(["unfinished"]);
    expect(existsSync(half)).toBe(false);
    comeBack();
    const again = await store.open(undefined, { project: true });
    expect((await again.resolve("tiny")).files).toHaveLength(2);
    expect(await again.prune()).toMatchObject({ unseenLocks: [], spared: [], removed: [] });
  });

  test("is not forgotten when another project's lock is remembered", async () => {
    await using store = await HubStore.start();
    const { lock } = await projectAway(store);
    const { home, root } = store.fixture;
    const projectDir = join(root, "second");
    mkdirSync(join(projectDir, ".patina"), { recursive: true });
    await (await store.open(undefined, { projectDir })).add("tiny");
    expect(JSON.parse(readFileSync(join(home, "locks.json"), "utf8")).locks).toContain(lock);
  });

  test("is forgotten on request alone", async () => {
    await using store = await HubStore.start();
    const { lock, folder } = await projectAway(store);
    const registry = await store.open();
    expect(await rejection(registry.prune({ forget: ["/elsewhere/models.lock"] }))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(lock),
    });
    const looked = await registry.prune({ forget: [lock], dryRun: true });
    expect(looked.removed.map(({ kind }) => kind)).toEqual(["variant"]);
    expect((await registry.prune()).spared).toEqual([folder]);
    expect((await registry.prune({ forget: [lock] })).removed).toEqual(looked.removed);
    expect(await registry.prune()).toMatchObject({ unseenLocks: [], removed: [] });
  });

  test("a lock that is there cannot be forgotten", async () => {
    await using store = await HubStore.start();
    const { lock } = await (await store.open(undefined, { project: true })).add("tiny");
    const refused = await rejection((await store.open()).prune({ forget: [lock] }));
    expect(refused).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("is in use") });
  });
});

test("stray files among the models end nothing, and drafts of dead processes go", async () => {
  await using store = await HubStore.start();
  const registry = await store.open();
  await registry.add("tiny");
  const models = join(store.fixture.home, "models");
  const stray = join(models, ".DS_Store");
  const drafts = ["tiny.busy.0123456789ab", "gone.busy.0123456789ab"].map((name) => join(models, name));
  const fresh = join(models, "tiny.busy.ba9876543210");
  const old = new Date(Date.now() - 120_000);
  for (const file of [stray, ...drafts, fresh]) writeFileSync(file, "");
  for (const draft of drafts) utimesSync(draft, old, old);
  expect(await registry.prune()).toMatchObject({ removed: [], busy: [] });
  expect([stray, ...drafts, fresh].map(existsSync)).toEqual([true, false, false, true]);
  await registry.add("tiny");
  expect((await registry.remove("tiny")).removed).toHaveLength(1);
  expect(existsSync(stray)).toBe(true);
});
