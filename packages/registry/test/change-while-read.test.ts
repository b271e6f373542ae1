import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { rejection } from "./support/fixture.ts";
import { dirSource, HubStore, ROWS, TOKENIZER, WEIGHTS } from "./support/hub-store.ts";

/** A time that every file system keeps exactly. */
const LONG_AGO = new Date(1_000_000);

// A pipe holds `add` where it has digested a file and not yet recorded it; Windows has none in its folders.
test.skipIf(process.platform === "win32")(
  "a cached file that changes after it was digested is not on record as verified",
  async () => {
    await using store = await HubStore.start();
    const tokenizer = store.fixture.write("files/tokenizer.json", TOKENIZER);
    const [first, second] = ROWS;
    if (first === undefined || second === undefined) throw new Error("two rows");
    const rows = [{ ...first, sources: [dirSource(tokenizer)] }, second];
    const { files } = await (await store.open({ tiny: rows })).add("tiny");
    const blob = realpathSync(files[1]?.location ?? "");
    utimesSync(blob, LONG_AGO, LONG_AGO);
    // Another tool's file from here on: a home that knows nothing of it.
    rmSync(store.fixture.home, { recursive: true });
    // The records of other models are read once the file is digested: they tell who downloaded it.
    const other = join(store.fixture.home, "models", "other", "folder");
    mkdirSync(other, { recursive: true });
    const pipe = join(other, "verified.json");
    expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);

    const registry = await store.open({ tiny: rows });
    const adding = registry.add("tiny");
    const reader = await open(pipe, "w"); // returns when somebody reads
    writeFileSync(
      blob,
      WEIGHTS.map((byte) => byte ^ 1),
    );
    await reader.writeFile("{}");
    await reader.close();
    expect((await adding).files[1]).toMatchObject({ action: "reused" });
    rmSync(other, { recursive: true });

    expect(readFileSync(blob)).toHaveLength(WEIGHTS.length);
    expect(await registry.status("tiny")).toMatchObject([
      { files: [{ state: "verified" }, { state: "unverified" }] },
    ]);
    expect(await rejection(registry.resolve("tiny"))).toMatchObject({ code: "INTEGRITY" });
  },
);
