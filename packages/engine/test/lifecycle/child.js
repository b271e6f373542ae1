// A process that uses an engine and ends in one of the ways a process can end: `child.js SCENARIO SPEC DELAY`, the spec
// as JSON, the delay in milliseconds. What it writes says that it got as far as it should; the exit code says the rest. JavaScript, because Node 20
// has to run it as it is.
import assert from "node:assert/strict";
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { openEngine } from "@patina/engine";

const [scenario, specJson, delay] = process.argv.slice(2);
const spec = JSON.parse(specJson);

/** Written at once: a process that ends does not wait for streams. */
function say(word) {
  writeSync(1, `${word}\n`);
}

function textsOf(count) {
  return Array.from(
    { length: count },
    (_, index) => `text ${index} ${"of a batch that takes its time ".repeat(4)}`,
  );
}

/** Far more than is done when the first progress is reported. */
const MANY = textsOf(4_000);

/** Lets the other threads get somewhere; JavaScript does nothing meanwhile. */
function letOthersRun() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(delay));
}

/** Starts a batch that takes a while; resolves once some of it is done, with the promise of its end. */
function running(engine, options = {}) {
  return new Promise((started) => {
    const end = engine.embedBatch(MANY, { ...options, onProgress: () => started({ end }) });
  });
}

async function codeOf(promise) {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  return error?.code;
}

async function embedSome(engine) {
  const matrix = await engine.embedBatch(textsOf(100));
  assert.equal(matrix.rows, 100);
  assert.ok(matrix.data.every(Number.isFinite));
}

/** A worker thread that has got as far as worker.js says for `stage`. */
async function worker(stage) {
  const thread = new Worker(new URL("./worker.js", import.meta.url), { workerData: { spec, stage } });
  const ended = new Promise((resolve) => thread.once("exit", resolve));
  await new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  return { thread, ended };
}

const scenarios = {
  async closed() {
    const engine = await openEngine(spec);
    await embedSome(engine);
    await engine.close();
    await engine.close();
    assert.equal(await codeOf(engine.embed("late")), "CLOSED");
  },
  async "never-closed"() {
    await embedSome(await openEngine(spec));
  },
  async "many-engines"() {
    const engines = await Promise.all(Array.from({ length: 4 }, () => openEngine(spec)));
    await Promise.all(engines.map(embedSome));
    await engines[0].close();
  },
  async "exit-while-opening"() {
    openEngine(spec);
    letOthersRun();
    say("done");
    process.exit(0);
  },
  async "exit-after-work"() {
    await embedSome(await openEngine(spec));
    say("done");
    process.exit(0);
  },
  async "exit-while-closing"() {
    const engine = await openEngine(spec);
    await running(engine);
    engine.close();
    say("done");
    process.exit(0);
  },
  async "exit-after-submit"() {
    const engine = await openEngine(spec);
    engine.embedBatch(MANY);
    letOthersRun();
    say("done");
    process.exit(0);
  },
  async "exit-during-batch"() {
    const engine = await openEngine(spec);
    await running(engine);
    say("done");
    process.exit(0);
  },
  async "exit-in-callback"() {
    const engine = await openEngine(spec);
    await engine.embedBatch(MANY, {
      onProgress: () => {
        say("done");
        process.exit(0);
      },
    });
  },
  async "uncaught-during-batch"() {
    const engine = await openEngine(spec);
    await running(engine);
    say("done");
    throw new Error("thrown on purpose");
  },
  async "close-during-batch"() {
    const engine = await openEngine(spec);
    const { end } = await running(engine);
    const code = codeOf(end);
    await engine.close();
    assert.equal(await code, "CLOSED");
  },
  async "abort-during-batch"() {
    const engine = await openEngine(spec);
    const controller = new AbortController();
    const { end } = await running(engine, { signal: controller.signal });
    const code = codeOf(end);
    controller.abort();
    assert.equal(await code, "ABORTED");
    await embedSome(engine);
  },
  async "worker-terminated-while-opening"() {
    const { thread, ended } = await worker("opening");
    letOthersRun();
    await thread.terminate();
    await ended;
    await embedSome(await openEngine(spec));
  },
  async "worker-terminated-during-batch"() {
    const engine = await openEngine(spec);
    const { thread, ended } = await worker("running");
    const work = embedSome(engine);
    await thread.terminate();
    await ended;
    await work;
    await embedSome(engine);
  },
  async "worker-ends-itself"() {
    const { ended } = await worker("embedded");
    await ended;
    await embedSome(await openEngine(spec));
  },
  async "exit-with-worker"() {
    await worker("running");
    say("done");
    process.exit(0);
  },
};

await scenarios[scenario]();
say("done");
