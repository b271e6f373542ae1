import { describe, expect, test } from "bun:test";
import { groupRecords } from "../src/embed/groups.ts";
import type { TextRecord } from "../src/embed/records.ts";

const LIMITS = { texts: 3, units: 10, quiet: 20 };

function records(...texts: string[]): TextRecord[] {
  return texts.map((text, index) => ({ index, id: null, text }));
}

async function textsOf(groups: AsyncIterable<TextRecord[]>): Promise<string[][]> {
  const found: string[][] = [];
  for await (const group of groups) found.push(group.map((record) => record.text));
  return found;
}

async function* portions(...all: TextRecord[][]): AsyncGenerator<TextRecord[]> {
  yield* all;
}

describe("groups", () => {
  test("are closed by their number of texts", async () => {
    const groups = groupRecords(portions(records("a", "b", "c", "d", "e"), records("f", "g")), LIMITS);
    expect(await textsOf(groups)).toEqual([["a", "b", "c"], ["d", "e", "f"], ["g"]]);
  });

  test("are closed by their length, and a longer text goes alone", async () => {
    const long = "x".repeat(11);
    const groups = groupRecords(portions(records("a", long, "b", "123456789", "c")), LIMITS);
    expect(await textsOf(groups)).toEqual([["a"], [long], ["b", "123456789"], ["c"]]);
  });

  test("no records make no group", async () => {
    expect(await textsOf(groupRecords(portions(), LIMITS))).toEqual([]);
  });

  test("a started group goes when its writer waits for the answer", async () => {
    const answered = Promise.withResolvers<void>();
    async function* dialogue(): AsyncGenerator<TextRecord[]> {
      yield records("question");
      await answered.promise;
      yield records("thanks");
    }
    const groups = groupRecords(dialogue(), LIMITS);
    expect((await groups.next()).value?.map((record) => record.text)).toEqual(["question"]);
    answered.resolve();
    expect(await textsOf(groups)).toEqual([["thanks"]]);
  });

  test("what came before a failure is handed out before it", async () => {
    async function* failing(): AsyncGenerator<TextRecord[]> {
      yield records("a", "b");
      throw new Error("bad line");
    }
    const groups = groupRecords(failing(), LIMITS);
    expect((await groups.next()).value?.length).toBe(2);
    expect(groups.next()).rejects.toThrow("bad line");
  });
});
