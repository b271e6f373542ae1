import { Command } from "commander";
import { explainRuntimeOption, jsonOption } from "./options.ts";

/** `patina oxidize`. */
export function oxidizeCommand(): Command {
  return new Command("oxidize")
    .description("index the repository: its code, commits and notes")
    .option("-m, --model <key>", "embed with this model in place of the recipe's, for this run")
    .option("--at <revision>", "read the tree and history of this commit, not the working tree")
    .option("--full", "read and index everything anew, whatever has changed")
    .addOption(explainRuntimeOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Reads the recipe .patina/oxidize.yaml; without one, writes it (with --model's model, or all-minilm-l6-v2). Only what has
changed since the last run is read. What was embedded before is taken from a cache, also with --full, and the old index
serves until the new one is complete: to interrupt costs nothing that was done. A renamed file keeps its vectors until
--full embeds it under its new name. \`patina generations\` goes back to the index before. A
repository without a working tree is read at HEAD.

Examples:
  patina oxidize
  patina oxidize --full
  patina -C ~/src/project oxidize --model e5-base-v2
  patina oxidize --at v1.2.0
  patina oxidize --json | jq .embedded`,
    )
    .action(async (options) => {
      const { oxidizeRepository } = await import("../actions/oxidize.ts");
      await oxidizeRepository(options);
    });
}
