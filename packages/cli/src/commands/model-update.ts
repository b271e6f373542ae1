import { Command } from "commander";
import { jsonOption, progressOption, runtimeOption, variantOption } from "./options.ts";

/** `patina model update`. */
export function updateCommand(): Command {
  return new Command("update")
    .description("show what a model's sources have today beside what the lock has, and take it")
    .argument("<key>", "a model that a lock has")
    .addOption(variantOption())
    .addOption(runtimeOption())
    .option("--yes", "take it without a question")
    .addOption(progressOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Revisions are asked for anew. Each file is shown with its commit, size and
digest before and now, and what a change invalidates. Nothing is changed unless
you agree, on a terminal or by --yes.

Examples:
  patina model update e5-base-v2
  patina model update e5-base-v2 --yes`,
    )
    .action(async (key, options) => {
      const { updateModel } = await import("../actions/update-model.ts");
      await updateModel(key, options);
    });
}
