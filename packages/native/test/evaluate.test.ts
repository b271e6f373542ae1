/** Metrics and statistics through the addon, against the same fixtures as in Rust. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareScores, type Judgements, type Run, scoreRun } from "@patina/native";

type Nested = Record<string, Record<string, number>>;

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dir, "../../../fixtures/metrics", name), "utf8"));
}

const { cases } = fixture("scores.json") as {
  cases: Record<string, { run: Nested; judgements: Nested; expected: Nested }>;
};
const { paired } = fixture("statistics.json") as { paired: { a: number[]; b: number[]; p: number }[] };

function nested(from: Nested): Map<string, Map<string, number>> {
  return new Map(Object.entries(from).map(([query, values]) => [query, new Map(Object.entries(values))]));
}

test.each(Object.entries(cases))("metrics of %s are trec_eval's", async (_, each) => {
  const names = Object.keys(each.expected);
  const scores = await scoreRun(nested(each.run), nested(each.judgements), names);
  expect(scores.metrics.map(({ metric }) => metric)).toEqual(names);
  expect([...scores.queries].sort()).toEqual(Object.keys(each.judgements).sort());
  for (const { metric, values, mean } of scores.metrics) {
    const expected = scores.queries.map((query) => each.expected[metric]?.[query] ?? Number.NaN);
    // Both sides compute in float64, in another order.
    for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index] as number, 12);
    expect(mean).toBeCloseTo(expected.reduce((sum, value) => sum + value, 0) / expected.length, 12);
  }
});

test("queries that nobody judged are named", async () => {
  const { run, judgements } = cases.edges as (typeof cases)[string];
  expect((await scoreRun(nested(run), nested(judgements), [])).unjudged).toEqual(["not-judged"]);
});

test("p-values over all signs are scipy's, and options reach the core", async () => {
  for (const { a, b, p } of paired) {
    const [left, right] = [Float64Array.from(a), Float64Array.from(b)];
    const found = await compareScores(left, right, {
      resamples: 200_000,
      confidence: 0.8,
      method: "percentile",
    });
    expect(found).toMatchObject({ pairs: a.length, exact: true, confidence: 0.8, method: "percentile" });
    expect(found.pValue).toBeCloseTo(p, 14);
    expect(found.low).toBeLessThan(found.meanDifference);
    expect(found.high).toBeGreaterThan(found.meanDifference);
  }
});

test("a seed decides, and is 0 where none is given", async () => {
  const values = Float64Array.from({ length: 50 }, (_, index) => Math.sin(index) + 0.1);
  const zeros = new Float64Array(50);
  const given = await compareScores(values, zeros, { seed: 0 });
  expect(await compareScores(values, zeros)).toEqual(given);
  expect((await compareScores(values, zeros, { seed: 1 })).low).not.toBe(given.low);
});

const judged: Judgements = new Map([["q", new Map([["d", 1]])]]);
const run: Run = new Map([["q", new Map([["d", 0.5]])]]);

test.each<[string, () => Promise<unknown>, string]>([
  ["an unknown metric", () => scoreRun(run, judged, ["ncdg@10"]), "did you mean ndcg@10?"],
  ["no judgements", () => scoreRun(run, new Map(), ["mrr"]), "there are no judgements"],
  [
    "a score that is no number",
    () => scoreRun(new Map([["q", new Map([["d", Number.NaN]])]]), judged, ["mrr"]),
    'document "d" for query "q" is NaN',
  ],
  [
    "a grade that is not whole",
    () => scoreRun(run, new Map([["q", new Map([["d", 0.5]])]]), ["mrr"]),
    'the grade of document "d" for query "q" is 0.5',
  ],
  [
    "half a surrogate pair",
    () => scoreRun(new Map([["q", new Map([["\ud800", 1]])]]), judged, ["mrr"]),
    "half a surrogate pair",
  ],
  [
    "runs of different lengths",
    () => compareScores(new Float64Array(1), new Float64Array(2)),
    "the runs have 1 and 2 values",
  ],
  [
    "a seed that is not whole",
    () => compareScores(new Float64Array(1), new Float64Array(1), { seed: 0.5 }),
    "seed has to be a whole number from 0 to 9007199254740991, not 0.5",
  ],
  [
    "too few resamples",
    () => compareScores(new Float64Array(1), new Float64Array(1), { resamples: 1 }),
    "resamples have to be from 100",
  ],
])("refused: %s", async (_, call, message) => {
  await expect(call()).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining(message),
  });
});
