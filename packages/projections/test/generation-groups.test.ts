import { expect, test } from "bun:test";
import fc from "fast-check";
import { lengthOf, TextGroups } from "../src/generation/text-groups.ts";

const texts = (lengths: readonly number[]) =>
  lengths.map((length, row) => ({ digest: `digest-${row}`, row: row + 1, length }));

test("every text is handed out once, longest first, whatever the pace", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100_000)),
      fc.array(fc.double({ min: 0, max: 1e4, noNaN: true })),
      (lengths, paces) => {
        const all = texts(lengths);
        const groups = new TextGroups(all);
        const out = [];
        for (let group = groups.take(); group.length > 0; group = groups.take()) {
          out.push(...group);
          groups.measured(group, paces[out.length % (paces.length + 1)] ?? 1);
        }
        expect(out.map(({ length }) => length)).toEqual(lengths.toSorted((a, b) => b - a));
        expect(new Set(out).size).toBe(all.length);
        expect(groups.length).toBe(lengthOf(all));
      },
    ),
  );
});

test("groups grow with the pace of the engine and shrink when it is slow", () => {
  const groups = new TextGroups(texts(Array.from({ length: 20_000 }, () => 1_000)));
  const first = groups.take();
  expect(first).toHaveLength(32);
  // 32,000 units in half a second: 256,000 in the four that a group should take.
  groups.measured(first, 0.5);
  expect(groups.take()).toHaveLength(256);
  groups.measured(first, 1e-9);
  expect(groups.take()).toHaveLength(2_048);
  groups.measured(first, 3_600);
  expect(groups.take()).toHaveLength(16);
});
