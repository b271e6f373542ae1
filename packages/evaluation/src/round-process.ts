import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { abortedError, PatinaError, throwIfAborted } from "@patina/core";
import type { RoundMessage, RoundProgress, RoundResult, RoundWork } from "./round.ts";

/** Beside this file as a source and as a part of the built package: both have one folder and one extension. */
const PROGRAM = fileURLToPath(new URL(`./round-worker${extname(import.meta.url)}`, import.meta.url));

/** Characters of what a process wrote to its standard error before it ended without a result. */
const LAST_WORDS = 2_000;

/** How a round is run. */
export interface RoundOptions {
  /** Where the work is handed over: a file that is not there yet. */
  readonly workFile: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: RoundProgress) => void;
}

/**
 * Measures one round in a process of its own, started as this one was. An abort ends the process, and so does the end
 * of this one.
 *
 * @throws PatinaError what the engine in it threw; `RUNTIME_FAILED` where it ended without a word; `ABORTED`.
 */
export async function runRound(work: RoundWork, options: RoundOptions): Promise<RoundResult> {
  const { workFile, signal, onProgress = () => {} } = options;
  throwIfAborted(signal);
  await writeFile(workFile, JSON.stringify(work));
  let last: Exclude<RoundMessage, { kind: "progress" }> | undefined;
  const heard = Promise.withResolvers<void>();
  // The flags keep the `bunfig.toml` and `tsconfig.json` of the folder one is in from acting in the child as well.
  const child = Bun.spawn([process.execPath, ...process.execArgv, PROGRAM, workFile], {
    stdio: ["ignore", "ignore", "pipe"],
    ipc(message: RoundMessage) {
      if (message.kind === "progress") onProgress(message);
      else last = message;
    },
    // After the last message; the end of the process may be seen before it.
    onDisconnect: () => heard.resolve(),
    ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" }),
  });
  const [words, code] = await Promise.all([new Response(child.stderr).text(), child.exited, heard.promise]);
  if (signal?.aborted) throw abortedError(signal);
  if (last?.kind === "result") return last.result;
  const { key, runtime } = work.spec;
  if (last?.kind === "failed") throw new PatinaError(last.code, last.message, { key, ...last.details });
  const how = child.signalCode === null ? `with exit code ${code}` : `by ${child.signalCode}`;
  const memory =
    child.signalCode === "SIGKILL" ? "; the system ends a process in this way when memory runs out" : "";
  const said = words.trim() === "" ? "" : `; it wrote: ${words.trim().slice(-LAST_WORDS)}`;
  throw new PatinaError(
    "RUNTIME_FAILED",
    `the process that measured ${key} on ${runtime} ended ${how} before it had a result${memory}${said}`,
    { key },
  );
}
