import { CommanderError } from "commander";
import { describeFailure, EXIT, failureText } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { flush, ReaderGone } from "./terminal/output.ts";

// What escapes every await (an event's listener, say) is told like any other error.
process.on("uncaughtException", end);
process.on("unhandledRejection", end);
// Nobody reads what is said about the work; the work itself goes on.
process.stderr.on("error", () => {});

try {
  await buildProgram()
    .parseAsync(process.argv)
    .catch((error: unknown) => {
      // Help and version, which were asked for and are printed.
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    });
  await flush();
} catch (error) {
  await end(error);
}

/**
 * Ends the process after a failure. What was open has been closed by then; a read of the standard input may still
 * be waiting for a writer that never comes, and would keep the process alive.
 */
async function end(error: unknown): Promise<never> {
  if (error instanceof ReaderGone) process.exit(EXIT.done);
  // Called without a command: commander has printed the help to the standard error.
  if (error instanceof CommanderError && error.code === "commander.help") process.exit(EXIT.usage);
  const failure = describeFailure(error);
  const text = failureText(failure, process.argv.includes("--json"));
  await new Promise<void>((resolve) => process.stderr.write(text, () => resolve()));
  process.exit(failure.exitCode);
}
