/** Whether a generation that is wrong in a way no digest shows is kept from being put in place. */
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FullTextIndex, FullTextWriter } from "@patina/native";
import { EmbeddingCache } from "../src/cache/embedding-cache.ts";
import {
  CODES,
  FULL_TEXT,
  MANIFEST,
  readManifest,
  VECTORS,
  writeManifest,
} from "../src/generation/manifest.ts";
import { checkSample } from "../src/generation/self-query.ts";
import { writeVectorCodes } from "../src/generation/vector-codes.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { manyPassages, passage, TemporaryProject } from "./fixtures/passages.ts";

const engine = new HashEngine();
const ROW_BYTES = engine.dimension * 4;

/** Indexes passages, changes what was written, and checks it. */
async function checkAfter(
  change: (directory: string) => void | Promise<void>,
  added = [1, 2, 3],
): Promise<void> {
  using project = new TemporaryProject();
  const { generation } = await project.index(manyPassages(30), { engine });
  const directory = project.local("generations", generation);
  await change(directory);
  using cache = new EmbeddingCache(project.local("cache.sqlite"), () => {});
  const { encoderId, dimension } = engine;
  await checkSample({
    directory,
    added: added.map((row) => ({ row, digest: "" })),
    cache,
    scope: { encoderId, dimension },
  });
}

function editVectors(edit: (bytes: Buffer) => void): (directory: string) => void {
  return (directory) => {
    const bytes = readFileSync(join(directory, VECTORS));
    edit(bytes);
    writeFileSync(join(directory, VECTORS), bytes);
  };
}

describe("the sample of a generation", () => {
  test("finds itself where nothing is wrong", async () => {
    await checkAfter(() => {});
  });

  test.each([
    ["a sign with its variation selector", "# Notes\n\n\u26a0\ufe0f careful"],
    ["an icon of a terminal's font", "the prompt is \ue0a0main"],
    ["capitals of young scripts", "\u13a0\u13a1 and \u1c94x"],
    ["marks apart from their letters", "cafe \u0301 \u093f"],
    ["quotes and operators", 'say "no" AND (NOT "yes"*) NEAR'],
    ["no word at all", "\u2014 \u{1f642}"],
    ["a NUL", "a\0b c"],
  ])("finds itself by %s", async (_, text) => {
    using project = new TemporaryProject();
    const { passages } = await project.index([passage(text)], { engine });
    expect(passages).toBe(1);
  });

  test("does not where every row has its neighbour's vector", async () => {
    const shift = editVectors((bytes) => {
      const last = Buffer.from(bytes.subarray(bytes.length - ROW_BYTES));
      bytes.copyWithin(ROW_BYTES, 0, bytes.length - ROW_BYTES);
      last.copy(bytes);
    });
    const shiftAll = async (directory: string): Promise<void> => {
      shift(directory);
      rmSync(join(directory, CODES));
      await writeVectorCodes({ directory, rows: 30, dimension: engine.dimension, changed: [] });
    };
    const error = await failure(checkAfter(shiftAll));
    expect(error.code).toBe("INTEGRITY");
    expect(error.message).toContain("does not find itself");
  });

  test("does not where a word that it has is not in the full-text index", async () => {
    const error = await failure(
      checkAfter(async (directory) => {
        const file = join(directory, FULL_TEXT);
        rmSync(file);
        using writer = new FullTextWriter(file);
        await writer.add(Array.from({ length: 30 }, (_, row) => ({ row, heading: "", body: "others" })));
        await writer.finish(30);
        using index = new FullTextIndex(file);
        const manifest = readManifest(directory);
        rmSync(join(directory, MANIFEST));
        writeManifest(directory, { ...manifest, fullTextChecksum: index.checksum });
      }),
    );
    expect(error.code).toBe("INTEGRITY");
    expect(error.message).toContain("is not found by its own words");
  });

  test("is not asked where a vector that was written is not of unit length, or no number", async () => {
    for (const value of [3, Number.NaN]) {
      const spoil = editVectors((bytes) => bytes.writeFloatLE(value, 7 * ROW_BYTES));
      const error = await failure(checkAfter(spoil, [7, 8, 9]));
      expect(error.message).toContain("row 8 is no unit vector");
    }
  });
});
