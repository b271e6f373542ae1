// What an engine does to the process around it: `measure.js WHAT SPEC [COUNT]` prints one JSON object. JavaScript, because
// Node 20 has to run it as it is.
import { openEngine } from "@patina/engine";

const [what, specJson, count] = process.argv.slice(2);
const spec = JSON.parse(specJson);
const engine = await openEngine(spec);

function textsOf(count) {
  return Array.from(
    { length: count },
    (_, index) => `text ${index} ${"of a batch that takes its time ".repeat(4)}`,
  );
}

const measurements = {
  /** The longest time in which the event loop did not turn during a batch, in milliseconds. */
  async "event-loop"() {
    const texts = textsOf(10_000);
    let last = performance.now();
    let longestGap = 0;
    const turn = () => {
      const now = performance.now();
      longestGap = Math.max(longestGap, now - last);
      last = now;
    };
    const timer = setInterval(turn, 1);
    const start = performance.now();
    await engine.embedBatch(texts);
    turn();
    clearInterval(timer);
    return { longestGap, batch: performance.now() - start };
  },
  /** Resident memory after the 20th and after the 200th batch, in bytes. */
  async memory() {
    // Many short texts: much goes through the door for little work.
    const texts = Array.from({ length: 1_000 }, (_, index) => `text ${index}`);
    const after = {};
    for (let batch = 1; batch <= 200; batch++) {
      await engine.embedBatch(texts);
      if (batch === 20 || batch === 200) after[batch] = process.memoryUsage.rss();
    }
    return { after20: after[20], after200: after[200] };
  },
  /** Resident memory after half of COUNT engines have come and gone and after all of them, in bytes. */
  async reopening() {
    const cycles = Number(count);
    const after = {};
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const other = await openEngine(spec);
      await other.embed("the river");
      await other.close();
      // Where the runtime lets it, what JavaScript has let go of is gone before the memory is looked at.
      if (cycle === cycles / 2 || cycle === cycles) {
        globalThis.Bun?.gc(true);
        after[cycle] = process.memoryUsage.rss();
      }
    }
    return { half: after[cycles / 2], all: after[cycles] };
  },
  /** The longest of several times from an abort to the end of its call and of the next one, in milliseconds. */
  async abort() {
    const texts = textsOf(20_000);
    let longest = 0;
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      let end;
      await new Promise((started) => {
        end = engine.embedBatch(texts, { signal: controller.signal, onProgress: started });
        end.catch(() => undefined);
      });
      const start = performance.now();
      controller.abort();
      const code = await end.catch((error) => error.code);
      if (code !== "ABORTED") throw new Error(`the call ended with ${code}`);
      await engine.embed("the river");
      longest = Math.max(longest, performance.now() - start);
    }
    return { longest };
  },
};

console.log(JSON.stringify(await measurements[what]()));
