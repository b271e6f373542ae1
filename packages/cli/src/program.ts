import { Command } from "commander";
import { benchCommand } from "./commands/bench.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { embedCommand } from "./commands/embed.ts";
import { feedbackCommand } from "./commands/feedback.ts";
import { generationsCommand } from "./commands/generations.ts";
import { modelCommand } from "./commands/model.ts";
import { oxidizeCommand } from "./commands/oxidize.ts";
import { scryCommand } from "./commands/scry.ts";
import { trustCommand } from "./commands/trust.ts";
import { UsageError } from "./failure.ts";
import { write } from "./terminal/output.ts";
import { VERSION } from "./version.ts";

const EXAMPLES = `
Examples:
  patina model add all-minilm-l6-v2     fetch a model and check its digests
  patina oxidize                        index the repository one is in
  patina scry "where are retries done"  search it
  patina embed "a text"                 print the vector of a text

Exit codes: 0 done, 1 a negative verdict, 2 usage, 3 bad input or recipe, 4 model missing, 5 integrity,
6 network, 70 internal, 130 interrupted.`;

/**
 * The command with all its subcommands. Each imports what it works with when it is run, so that `--help` and
 * `--version` load nothing.
 */
export function buildProgram(): Command {
  const program = new Command("patina")
    .description("Search your code, commits and notes by meaning, with models that run on your machine.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .option("-C, --directory <dir>", "run as if started in <dir>")
    .addHelpText("after", EXAMPLES)
    .hook("preAction", (root) => enter(root.opts<{ directory?: string }>().directory));
  const commands = [
    oxidizeCommand(),
    scryCommand(),
    feedbackCommand(),
    generationsCommand(),
    embedCommand(),
    modelCommand(),
    trustCommand(),
    benchCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  settle(program);
  return program.helpCommand("help [command]", "print help for a command");
}

function enter(directory: string | undefined): void {
  if (directory === undefined) return;
  try {
    process.chdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such folder" : code === "ENOTDIR" ? "it is no folder" : code;
    throw new UsageError(`cannot run in ${directory}: ${why}`);
  }
}

/** Errors are thrown and told in one place, for commands at every depth (commander does not pass these on). */
function settle(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeOut: write })
    .helpOption("-h, --help", "print help")
    .helpCommand(false);
  for (const child of command.commands) settle(child);
}
