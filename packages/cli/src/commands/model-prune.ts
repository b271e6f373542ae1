import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina model prune`. */
export function pruneCommand(): Command {
  return new Command("prune")
    .description("delete model files that no entry uses, and what was left half-done")
    .option("--dry-run", "delete nothing and say what would be deleted")
    .option("--forget <lock>", "the lock of a project that is gone for good, as prune names it", each, [])
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
What the lock of this project or of another known one names stays. In the cache
of the hub, files that other tools brought stay as well. While the lock of a known
project cannot be seen, because its disk is away or it was deleted, every
variant that it may name stays.

Examples:
  patina model prune --dry-run
  patina model prune
  patina model prune --forget /old/project/.patina/models.lock`,
    )
    .action(async (options) => {
      const { pruneModels } = await import("../actions/prune-models.ts");
      await pruneModels(options);
    });
}

function each(value: string, before: string[]): string[] {
  return [...before, value];
}
