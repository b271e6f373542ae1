/**
 * A process of its own that adds a model: `add-in-process.ts HOME BUILTIN KEY [PHASE]`, with this process's environment.
 * With a phase it kills itself as soon as it comes to that, in the middle of the file where it is `fetching`. Prints what
 * it did with each file, or the error's code.
 */
import { isPatinaError } from "@patina/core";
import { openRegistry } from "../../src/index.ts";

const [home = "", builtin = "", key = "", dieAt] = process.argv.slice(2);
const registry = await openRegistry({ home, builtin, retry: { attempts: 2, firstDelayMs: 1 } });
try {
  const report = await registry.add(key, {
    onProgress: ({ phase, bytes, total }) => {
      const isThere = phase !== "fetching" || (bytes ?? 0) >= (total ?? 0) / 2;
      if (phase === dieAt && isThere) process.kill(process.pid, "SIGKILL");
    },
  });
  console.log(report.files.map(({ action }) => action).join(" "));
} catch (error) {
  if (!isPatinaError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
