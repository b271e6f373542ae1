import { afterEach, expect, setSystemTime, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { rejection } from "./support/fixture.ts";
import { HubStore } from "./support/hub-store.ts";

afterEach(() => setSystemTime());

/** Writes a lock as another process would have it, and gives its path. */
function foreignLock(store: HubStore, name: string, owner: object): string {
  const file = join(store.fixture.home, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, JSON.stringify(owner));
  return file;
}

/** A number that no process has: it lies above what any system gives out. */
const NO_PROCESS = 2 ** 30;

test("a lock of this host's name from other process numbers is no dead process's while it is fresh", async () => {
  await using store = await HubStore.start();
  const owner = { host: hostname(), pid: NO_PROCESS, numbers: "boot pid:[1]", id: "of another container" };
  const lock = foreignLock(store, "models/tiny.busy", owner);
  const controller = new AbortController();
  const added = (await store.open()).add("tiny", {
    signal: controller.signal,
    onProgress: ({ phase }) => phase === "waiting" && controller.abort(),
  });
  expect(await rejection(added)).toMatchObject({ code: "ABORTED" });
  expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual(owner);
});

test("a lock whose heartbeat lies in the future is stale a minute after it was first seen", async () => {
  await using store = await HubStore.start();
  const lock = foreignLock(store, "models/tiny.busy", { host: "elsewhere", pid: 1, numbers: "", id: "x" });
  const future = new Date(Date.now() + 3_600_000);
  utimesSync(lock, future, future);
  const { files } = await (await store.open()).add("tiny", {
    signal: AbortSignal.timeout(10_000),
    onProgress: ({ phase }) => phase === "waiting" && setSystemTime(Date.now() + 61_000),
  });
  expect(files).toHaveLength(2);
  expect(existsSync(lock)).toBe(false);
});

test("a process that was silent while another took its lock over puts nothing in place", async () => {
  await using store = await HubStore.start();
  const lock = join(store.fixture.home, "models/tiny.busy");
  const other = JSON.stringify({ host: "elsewhere", pid: 1, numbers: "", id: "the new holder" });
  const added = (await store.open()).add("tiny", {
    onProgress: ({ phase }) => phase === "here" && writeFileSync(lock, other),
  });
  expect(await rejection(added)).toMatchObject({ code: "BUSY", details: { file: lock } });
  expect(readFileSync(lock, "utf8")).toBe(other);
  rmSync(lock);
  expect((await (await store.open()).status("tiny")).map(({ state }) => state)).toEqual(["missing"]);
});

for (const name of ["models.lock.busy", "locks.json.busy"]) {
  test(`a wait for ${name} ends with its operation`, async () => {
    await using store = await HubStore.start();
    foreignLock(store, name, { host: "elsewhere", pid: 1, numbers: "", id: "x" });
    const controller = new AbortController();
    const added = (await store.open(undefined, { project: name.startsWith("locks") })).add("tiny", {
      signal: controller.signal,
      onProgress: ({ phase }) => phase === "waiting" && controller.abort(),
    });
    expect(await rejection(added)).toMatchObject({ code: "ABORTED" });
  }, 10_000);
}

test("remove says that it waits, and can be told to stop", async () => {
  await using store = await HubStore.start();
  const registry = await store.open();
  await registry.add("tiny");
  const lock = foreignLock(store, "models/tiny.busy", { host: "elsewhere", pid: 1, numbers: "", id: "x" });
  const controller = new AbortController();
  const removed = registry.remove("tiny", { signal: controller.signal, onWait: () => controller.abort() });
  expect(await rejection(removed)).toMatchObject({ code: "ABORTED" });
  rmSync(lock);
  expect((await registry.resolve("tiny")).files).toHaveLength(2);
});
