import { Command } from "commander";
import { jsonOption, positiveInteger } from "./options.ts";

/** `patina generations …`. */
export function generationsCommand(): Command {
  const command = new Command("generations")
    .description("the indexes of this project: list, check, choose, roll back and remove them")
    .addHelpText(
      "after",
      `
Every run of \`patina oxidize\` that finds a change makes a generation: a whole index that no later run touches. Searches
open the current one. The one before it stays, to go back to.

Examples:
  patina generations list
  patina generations show
  patina generations rollback
  patina generations use 20261127T1
  patina generations prune --keep 1`,
    );
  for (const child of [listCommand(), showCommand(), useCommand(), rollbackCommand(), pruneCommand()]) {
    command.addCommand(child);
  }
  return command;
}

function listCommand(): Command {
  return new Command("list")
    .description("the generations of this project, oldest first")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Looks at the manifests alone; \`patina generations show\` checks the files as well.

Examples:
  patina generations list
  patina generations list --json | jq -r '.generations[] | select(.current) | .id'`,
    )
    .action(async (options) => {
      const { listAll } = await import("../actions/generations.ts");
      await listAll(options);
    });
}

function showCommand(): Command {
  return new Command("show")
    .description("what made a generation and what it holds, every file checked against its digest")
    .argument("[generation]", "its name or the beginning of it; without it, the current one")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Exits with 0 when nothing is wrong, 1 when a file is not what it was.

Examples:
  patina generations show
  patina generations show 20261127T165202207Z --json`,
    )
    .action(async (name, options) => {
      const { showOne } = await import("../actions/generations.ts");
      await showOne(name, options);
    });
}

function useCommand(): Command {
  return new Command("use")
    .description("make a generation the one that searches open")
    .argument("<generation>", "its name or the beginning of it")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
A damaged generation is refused, and nothing is changed. Searches that run stay with theirs. The next
\`patina oxidize\` builds on the generation chosen here.

Examples:
  patina generations use 20261127T165202207Z`,
    )
    .action(async (name, options) => {
      const { useOne } = await import("../actions/generations.ts");
      await useOne(name, options);
    });
}

function rollbackCommand(): Command {
  return new Command("rollback")
    .description("go back to the generation that was current before the current one was built")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
The generation one comes from stays until a later run removes it: \`patina generations use\` goes forth again.

Examples:
  patina generations rollback`,
    )
    .action(async (options) => {
      const { goBack } = await import("../actions/generations.ts");
      await goBack(options);
    });
}

function pruneCommand(): Command {
  return new Command("prune")
    .description("remove older generations")
    .option(
      "--keep <number>",
      "generations that stay, the current one among them (default 2)",
      positiveInteger,
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
The current one always stays, then the one before it, then the newest. Embeddings are in the cache and stay as well.

Examples:
  patina generations prune
  patina generations prune --keep 1`,
    )
    .action(async (options) => {
      const { prune } = await import("../actions/generations.ts");
      await prune(options);
    });
}
