import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import { Ajv } from "ajv";
import fc from "fast-check";
import { parse } from "smol-toml";
import { openRegistry } from "../src/index.ts";
import { TOKENS } from "./support/edits.ts";
import { Fixture } from "./support/fixture.ts";

const FOLDER = join(import.meta.dir, "../../../resources/models");
const TEXT = readFileSync(join(FOLDER, "registry.toml"), "utf8");
// Whole entries, so that it is the mutations that decide; fewer than all, for speed.
const SOUND = TEXT.slice(0, TEXT.indexOf("# ── BGE"));
const validate = new Ajv().compile(JSON.parse(readFileSync(join(FOLDER, "registry.schema.json"), "utf8")));

/** Reading takes milliseconds; a second is a pattern or a loop that has no end. */
const MOST_MS = 1000;

type Mutation = (text: string) => string;

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const values = [
  "true",
  "1e999",
  "-0",
  "nan",
  "1979-05-27",
  "99999999999999999999",
  "[]",
  "{}",
  '""',
  "'x'",
  "[[1]]",
];
const statements = [
  "version = 1",
  "[models]",
  "x.y=1",
  "[[models]]",
  'models."e5-base-v2" = 1',
  "[models.__proto__]",
];

/** Some characters gone, others in their place. */
const edit: fc.Arbitrary<Mutation> = fc
  .tuple(
    share,
    fc.nat(40),
    fc.oneof(fc.constantFrom(...TOKENS, ...values, ...statements), fc.string({ maxLength: 6 })),
  )
  .map(([at, drop, insert]) => (text) => {
    const offset = Math.floor(at * text.length);
    return text.slice(0, offset) + insert + text.slice(offset + drop);
  });

/** A line gone, doubled, or moved elsewhere. */
const shuffle: fc.Arbitrary<Mutation> = fc
  .tuple(share, share, fc.constantFrom("drop", "double", "move"))
  .map(([from, to, how]) => (text) => {
    const lines = text.split("\n");
    const [line = ""] = lines.splice(Math.floor(from * lines.length), how === "double" ? 0 : 1);
    const moved = how === "double" ? (lines[Math.floor(from * lines.length)] ?? "") : line;
    if (how !== "drop") lines.splice(Math.floor(to * lines.length), 0, moved);
    return lines.join("\n");
  });

/** Another value for a key, of any type. */
const revalue: fc.Arbitrary<Mutation> = fc
  .tuple(share, fc.constantFrom(...values))
  .map(([at, value]) => (text) => {
    const keys = [...text.matchAll(/^\w+ = .*$/gm)];
    const found = keys[Math.floor(at * keys.length)];
    if (found === undefined) return text;
    const [line] = found;
    const index = found.index;
    return `${text.slice(0, index)}${line.split(" = ")[0]} = ${value}${text.slice(index + line.length)}`;
  });

/** A bracket opened again and again: neither the parser's stack nor its time may follow. */
const nest: fc.Arbitrary<Mutation> = fc
  .tuple(share, fc.constantFrom("[", "{a=", "a.", "[[", '"\\'), fc.integer({ min: 1, max: 3000 }))
  .map(([at, what, times]) => (text) => {
    const offset = Math.floor(at * text.length);
    return text.slice(0, offset) + what.repeat(times) + text.slice(offset);
  });

describe("any mutation of the file is read or refused with a place inside it, within a second", () => {
  test.each([
    ["characters", edit, 400],
    ["lines", shuffle, 200],
    ["values", revalue, 200],
    ["depth", nest, 60],
  ] as const)("%s", async (_name, mutation, numRuns) => {
    using fixture = new Fixture();
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const text = mutations.reduce((before, mutate) => mutate(before), SOUND);
        const builtin = fixture.write("registry.toml", text);
        const begun = performance.now();
        try {
          await openRegistry({ home: fixture.home, env: {}, builtin });
        } catch (error) {
          if (!isPatinaError(error, "REGISTRY_INVALID")) throw error;
          const { line = 1, column = 1 } = error.details;
          const lines = text.split("\n");
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
          expect(performance.now() - begun).toBeLessThan(MOST_MS);
          return;
        }
        expect(performance.now() - begun).toBeLessThan(MOST_MS);
        // What the loader takes, an editor underlines nothing of.
        expect(validate(parse(text))).toBe(true);
      }),
      { numRuns },
    );
  });
});
