import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina model search`. */
export function searchCommand(): Command {
  return new Command("search")
    .description("find models by name, licence, architecture, runtime, dimension or description")
    .argument("<word...>", "every one of them has to fit")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Exits with 1 when nothing fits.

Examples:
  patina model search minilm
  patina model search apache 384
  patina model search retrieval mlx --json | jq -r '.models[].key'`,
    )
    .action(async (words, options) => {
      const { searchModels } = await import("../actions/search-models.ts");
      await searchModels(words.join(" "), options);
    });
}
