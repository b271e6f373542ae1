import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina model prune`. */
export function pruneCommand(): Command {
  return new Command("prune")
    .description("delete model files that no entry uses, and what was left half-done")
    .option("--dry-run", "delete nothing and say what would be deleted")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
What the lock of this project or of another known one names stays. In the cache
of the hub, files that other tools brought stay as well.

Examples:
  patina model prune --dry-run
  patina model prune`,
    )
    .action(async (options) => {
      const { pruneModels } = await import("../actions/prune-models.ts");
      await pruneModels(options);
    });
}
