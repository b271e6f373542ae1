/** Runs beside each other, and searches while generations are swapped. */
import { expect, test } from "bun:test";
import { childCommand, Drill, Moments, PATIENCE, ROUNDS, run, start } from "./drill.ts";

test(
  "of runs that begin together one wins or they take turns, and the others are told",
  async () => {
    const moments = new Moments("runs together");
    using drill = new Drill();
    await drill.oxidize(0);
    for (let round = 1; round <= ROUNDS; round++) {
      const states = Array.from({ length: 2 + moments.below(2) }, (_, number) => round * 10 + number);
      const answers = await Promise.all(states.map((state) => run(drill.root, "oxidize", `${state}`)));
      const won = states.filter((_, number) => answers[number]?.done === true);
      for (const answer of answers.filter(({ done }) => !done)) {
        expect(answer.code).toBe("BUSY");
        expect(answer.message).toContain("another run is indexing this project");
      }
      expect(won.length).toBeGreaterThan(0);
      expect(won).toContain((await drill.state()).state);
      drill.expectTidy(2);
    }
  },
  PATIENCE,
);

test(
  "searches answer from one whole generation each while others are built, rolled back and removed",
  async () => {
    const moments = new Moments("searches during swaps");
    using drill = new Drill();
    const states = new Map([[await drill.oxidize(0), 0]]);
    const searcher = start(childCommand(drill.root, "search-on"));
    await searcher.said("searching");
    for (let swap = 1; swap <= 4 * ROUNDS; swap++) {
      if (swap > 1 && moments.next() < 0.3)
        await run(drill.root, moments.next() < 0.5 ? "rollback" : "prune");
      states.set(await drill.oxidize(swap), swap);
    }
    searcher.process.stdin.end();
    const answer = (await searcher.answer) as unknown as { searches: number; seen: Record<string, string[]> };
    expect(answer).toMatchObject({ done: true });
    for (const [generation, markers] of Object.entries(answer.seen)) {
      expect(markers).toEqual([`${states.get(generation)}`]);
    }
    console.log(`${answer.searches} searches saw ${Object.keys(answer.seen).length} generations`);
    drill.expectTidy(2);
  },
  PATIENCE,
);
