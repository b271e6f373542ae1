import { CommanderError } from "commander";
import { describeFailure, EXIT, failureText } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { flush, ReaderGone } from "./terminal/output.ts";

try {
  await buildProgram().parseAsync(process.argv);
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
  // Help and version: commander has printed them.
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(EXIT.done);
  if (error instanceof CommanderError && error.code === "commander.help") process.exit(EXIT.usage);
  const failure = describeFailure(error);
  const text = failureText(failure, process.argv.includes("--json"));
  await new Promise<void>((resolve) => process.stderr.write(text, () => resolve()));
  process.exit(failure.exitCode);
}
