/**
 * A process of its own that adds a model: `add-in-process.ts HOME BUILTIN KEY [die]`. With `die` it kills itself as
 * soon as it holds the model's lock. Prints what it did with each file.
 */
import { openRegistry } from "../../src/index.ts";

const [home = "", builtin = "", key = "", die] = process.argv.slice(2);
const registry = await openRegistry({ home, builtin });
const report = await registry.add(key, {
  onProgress: ({ phase }) => {
    if (die !== undefined && phase === "asking") process.kill(process.pid, "SIGKILL");
  },
});
console.log(report.files.map(({ action }) => action).join(" "));
