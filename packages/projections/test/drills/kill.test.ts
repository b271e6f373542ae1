/** SIGKILL at random moments: the current generation stays searchable, and the next run leaves nothing behind. */
import { describe, expect, test } from "bun:test";
import { childCommand, Drill, Moments, PATIENCE, ROUNDS, start } from "./drill.ts";

/** Runs an action in a child and kills it at a part of `span` milliseconds after it began; says whether it had ended. */
async function killed(moment: number, command: readonly string[]): Promise<boolean> {
  const child = start(command);
  await child.said("begin");
  const timer = setTimeout(() => child.process.kill("SIGKILL"), moment);
  const answer = await child.answer;
  clearTimeout(timer);
  expect(answer?.done ?? true).toBe(true);
  return answer !== null;
}

/** Milliseconds that an action takes when nobody disturbs it. */
async function spanOf(command: readonly string[]): Promise<number> {
  const child = start(command);
  await child.said("begin");
  const began = performance.now();
  expect(await child.answer).toMatchObject({ done: true });
  return performance.now() - began;
}

describe("killed at random moments", () => {
  test.each(["oxidize", "full"])(
    "%s",
    async (action) => {
      const moments = new Moments(`kill ${action}`);
      using drill = new Drill();
      await drill.oxidize(0);
      const span = await spanOf(childCommand(drill.root, action, "1"));
      let { state } = await drill.state();
      let ended = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const next = 2 + round;
        if (await killed(moments.next() * span, childCommand(drill.root, action, `${next}`))) ended++;
        const found = await drill.state();
        // The one before, or the child's own where the signal came after the swap.
        expect([state, next]).toContain(found.state);
        state = found.state;
      }
      console.log(`${ROUNDS} kills within ${span.toFixed(0)} ms, ${ended} after the end`);
      await drill.oxidize(1_000);
      expect(await drill.state()).toMatchObject({ state: 1_000 });
      drill.expectTidy(2);
    },
    120_000,
  );

  test(
    "rollback and prune",
    async () => {
      const moments = new Moments("kill rollback and prune");
      using drill = new Drill();
      let made = 0;
      await drill.oxidize(made++);
      await drill.oxidize(made++);
      const span = await spanOf(childCommand(drill.root, "rollback"));
      for (let round = 0; round < ROUNDS; round++) {
        const before = (await drill.state()).state;
        await drill.oxidize(made++);
        const action = moments.next() < 0.5 ? "rollback" : "prune";
        await killed(moments.next() * span, childCommand(drill.root, action));
        const { state } = await drill.state();
        expect(action === "rollback" ? [before, made - 1] : [made - 1]).toContain(state);
      }
      await drill.oxidize(1_000);
      expect(await drill.state()).toMatchObject({ state: 1_000 });
      drill.expectTidy(2);
    },
    PATIENCE,
  );
});
