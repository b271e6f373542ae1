import { afterAll, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import { AtomicFile } from "../src/embed/atomic-file.ts";

const folder = mkdtempSync(join(tmpdir(), "patina-atomic-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("an atomic file", () => {
  test("appears whole, its start written last", async () => {
    const path = join(folder, "whole");
    await using file = await AtomicFile.create(path);
    await file.write("....");
    await file.write(new TextEncoder().encode("end"));
    expect(readdirSync(folder)).not.toContain("whole");
    await file.overwriteStart(new TextEncoder().encode("head"));
    await file.commit();
    expect(readFileSync(path, "utf8")).toBe("headend");
  });

  test("leaves what was there, and nothing else, when it is not committed", async () => {
    const path = join(folder, "kept");
    writeFileSync(path, "old");
    const before = readdirSync(folder);
    {
      await using file = await AtomicFile.create(path);
      await file.write("new");
    }
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(before);
  });

  test("writes where a link points to", async () => {
    writeFileSync(join(folder, "target"), "old");
    symlinkSync("target", join(folder, "link"));
    {
      await using file = await AtomicFile.create(join(folder, "link"));
      await file.write("new");
      await file.commit();
    }
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("new");
  });

  test.each(["/dev/null", folder, join(folder, "no", "such", "folder")])("refuses %s", async (path) => {
    const error = await AtomicFile.create(path).catch((caught: unknown) => caught);
    expect(isPatinaError(error, "IO") && error.details.file).toBe(path);
  });
});
