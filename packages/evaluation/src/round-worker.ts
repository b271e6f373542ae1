/**
 * The program of a process that measures one round of one runtime. Its argument is a file with {@link RoundWork}; it
 * speaks over the channel to the process that started it, and ends with it.
 */
import { readFile } from "node:fs/promises";
import { isPatinaError } from "@patina/core";
import { measureRound } from "./measure-round.ts";
import type { RoundMessage, RoundWork } from "./round.ts";

// Ctrl-C at a terminal reaches this process as well, and the one that started it decides what it means.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(1));

try {
  const work = JSON.parse(await readFile(process.argv[2] as string, "utf8")) as RoundWork;
  const result = await measureRound(work, (progress) => void tell({ kind: "progress", ...progress }));
  await tell({ kind: "result", result });
} catch (error) {
  await tell({ kind: "failed", ...toldOf(error) });
}
process.removeAllListeners("disconnect");
process.disconnect?.();

/** Resolves when the message has left this process. */
function tell(message: RoundMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
}

function toldOf(error: unknown): Omit<Extract<RoundMessage, { kind: "failed" }>, "kind"> {
  if (isPatinaError(error)) return { code: error.code, message: error.message, details: error.details };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "INTERNAL", message, details: {} };
}
