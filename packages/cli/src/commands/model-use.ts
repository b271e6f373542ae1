import { Command } from "commander";
import { jsonOption, runtimeOption, variantOption } from "./options.ts";

/** `patina model use`. */
export function useCommand(): Command {
  return new Command("use")
    .description("make a model the one that this project's recipe names")
    .argument("<key>", "a model of the registry")
    .addOption(variantOption())
    .addOption(runtimeOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Changes this in .patina/oxidize.yaml and nothing else: comments and order stay.
Says what the change means for the index that is there, and what to run next. A
model that cannot give what the recipe asks for (a cut of its vectors, a variant,
a runtime) is refused.

Examples:
  patina model use e5-base-v2
  patina model use all-minilm-l6-v2 --variant int8
  patina model use all-minilm-l6-v2 --variant auto --runtime auto`,
    )
    .action(async (key, options) => {
      const { useModel } = await import("../actions/use-model.ts");
      await useModel(key, options);
    });
}
