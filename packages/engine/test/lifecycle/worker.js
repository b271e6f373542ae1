// A worker thread that opens an engine and never closes it. It says when it has got to the stage it is asked for:
// opening, running (a batch that takes a while), embedded (and then ends by itself).
import { parentPort, workerData } from "node:worker_threads";
import { openEngine } from "@patina/engine";

const { spec, stage } = workerData;
const opening = openEngine(spec);
if (stage === "opening") parentPort.postMessage(stage);
const engine = await opening;
if (stage === "running") {
  const texts = Array.from(
    { length: 4_000 },
    (_, index) => `text ${index} ${"that takes its time ".repeat(5)}`,
  );
  await engine.embedBatch(texts, { onProgress: () => parentPort.postMessage(stage) });
} else if (stage === "embedded") {
  await engine.embedBatch(["one", "two"]);
  parentPort.postMessage(stage);
}
