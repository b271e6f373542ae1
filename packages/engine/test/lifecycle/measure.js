// What an engine does to the process around it: `measure.js WHAT SPEC` prints one JSON object. JavaScript, because
// Node 20 has to run it as it is.
import { openEngine } from "@patina/engine";

const [what, specJson] = process.argv.slice(2);
const engine = await openEngine(JSON.parse(specJson));

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
};

console.log(JSON.stringify(await measurements[what]()));
