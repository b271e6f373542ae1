import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import fc from "fast-check";
import { openRegistry } from "../src/index.ts";
import { cargo } from "./support/cargo.ts";
import { EDITS, edited, LINE_EDITS, relined } from "./support/edits.ts";
import { dirSource, Fixture, registryText } from "./support/fixture.ts";
import { MISTAKES } from "./support/mistakes.ts";

const ROOT = join(import.meta.dir, "../../..");
const TEXT = readFileSync(join(ROOT, "resources/models/registry.toml"), "utf8");

/** Whole entries, fewer than all for speed. */
const SOUND = TEXT.slice(0, TEXT.indexOf("# ── BGE"));

const SYNTAX = /this is not valid TOML/;

/** What a reader made of a text: its entries, or its error as data. */
type Reading = { entries: unknown[] } | { code: string; message: string; line?: number; column?: number };

/** What an example program of `patina-embed` printed. */
function runExample(name: string, args: readonly string[]): string {
  return cargo("run", ["--example", name, "--", ...args]);
}

// On a machine that has not built them yet this takes longer than a test may.
beforeAll(() => void cargo("build", ["--examples"]), 600_000);

/** Reads texts with `patina-embed`, in one process. */
function readInRust(fixture: Fixture, texts: readonly string[]): Reading[] {
  const files = texts.map((text, index) => fixture.write(`${index}.toml`, text));
  const lines = runExample("registry", files).split("\n");
  return lines.map((line) => JSON.parse(line) as Reading);
}

/** Reads the text of `<index>.toml` with this package. */
async function readInTypeScript(fixture: Fixture, index: number): Promise<Reading> {
  try {
    const builtin = join(fixture.root, `${index}.toml`);
    const registry = await openRegistry({ home: fixture.home, env: {}, builtin });
    // What follows from the other fields, or from where the file lies, is no reader's matter.
    const entries = registry.models().map(({ runtimes, origin, trusted, file: _file, ...entry }) => entry);
    return { entries: JSON.parse(JSON.stringify(entries)) };
  } catch (error) {
    if (!isPatinaError(error, "REGISTRY_INVALID")) throw error;
    const { line, column, key = null, suggestion = null } = error.details;
    return { code: error.code, message: error.message, line, column, key, suggestion } as Reading;
  }
}

async function readInBoth(texts: readonly string[]): Promise<[rust: Reading, typescript: Reading][]> {
  using fixture = new Fixture();
  const rust = readInRust(fixture, texts);
  expect(rust).toHaveLength(texts.length);
  const both: [Reading, Reading][] = [];
  for (const [index, reading] of rust.entries()) {
    both.push([reading, await readInTypeScript(fixture, index)]);
  }
  return both;
}

describe("the Rust reader of registry.toml and this one", () => {
  test("read the shipped registry alike, in every field", async () => {
    const [both] = await readInBoth([TEXT]);
    const [rust, typescript] = both ?? [];
    expect(rust).toEqual(typescript as Reading);
    expect((typescript as { entries: unknown[] }).entries.length).toBeGreaterThan(5);
  });

  test("refuse the same slips in the same words at the same place", async () => {
    const both = await readInBoth(MISTAKES.map(([, from, to]) => TEXT.replace(from, () => to)));
    for (const [rust, typescript] of both) expect(rust).toEqual(typescript);
  });

  test("refuse what is no TOML at the same line", async () => {
    const slips = [
      "a = [",
      "a = 1\na = 2\n",
      "[x]\n[x]\n",
      'a = "x\n',
      "x = 1 y\n",
      "a = 1979-13-01",
      "=1",
      "[a\n",
    ];
    for (const [rust, typescript] of await readInBoth(slips.map((slip) => `version = 1\n\n${slip}`))) {
      expect(rust).toMatchObject({ message: expect.stringMatching(SYNTAX) });
      expect(rust).toMatchObject({ line: (typescript as { line: number }).line });
    }
  });

  test("refuse an integer that JavaScript cannot hold at the same line", async () => {
    const [both] = await readInBoth([TEXT.replace("max_tokens = 512", "max_tokens = 9007199254740993")]);
    const [rust, typescript] = both ?? [];
    expect(rust).toMatchObject({
      key: "max_tokens",
      message: expect.stringContaining("at most 9007199254740991"),
    });
    expect(rust).toMatchObject({ line: (typescript as { line: number }).line });
  });

  test.each([
    ["lines", fc.sample(LINE_EDITS, { numRuns: 600, seed: 1 }).map((edits) => relined(SOUND, edits))],
    ["characters", fc.sample(EDITS, { numRuns: 600, seed: 2 }).map((edits) => edited(SOUND, edits))],
  ])("agree on random edits of %s: the same entries, or the same words", async (_what, texts) => {
    const seen = { entries: 0, schema: 0, syntax: 0 };
    for (const [index, [rust, typescript]] of (await readInBoth(texts)).entries()) {
      // Where several things are no TOML, the parsers begin with different ones, in words of their own.
      const noToml = [rust, typescript].every(
        (reading) => "message" in reading && SYNTAX.test(reading.message),
      );
      if (!noToml) expect({ index, ...rust }).toEqual({ index, ...typescript });
      seen[noToml ? "syntax" : "entries" in rust ? "entries" : "schema"] += 1;
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});

test("Rust finds what this package fetched, and makes the same spec of it", async () => {
  using fixture = new Fixture();
  const files = ["tokenizer", "weights"].map((role) => ({
    role,
    path: `onnx/${role}`,
    sources: [dirSource(fixture.write(`files/${role}`, `the ${role}`))],
  }));
  const builtin = fixture.write("registry.toml", registryText({ tiny: files }));
  const registry = await openRegistry({ home: fixture.home, env: {}, builtin });
  await registry.add("tiny");
  const spec = JSON.parse(runExample("from_registry", [builtin, "tiny", fixture.home]));
  expect(spec).toEqual(await registry.resolve("tiny"));
});
