import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina model show`. */
export function showCommand(): Command {
  return new Command("show")
    .description("all there is to know of a model")
    .argument("<key>", "a model of the registry")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Facts and licence, the variants and how near each is to float32, every file with
its digest, its sources and its place on this machine, the file the entry comes
from, whether this project's recipe uses the model, and what \`variant: auto\`
comes to here.

Examples:
  patina model show all-minilm-l6-v2
  patina model show qwen3-embedding-0.6b --json | jq '.variants[].files[].sources'`,
    )
    .action(async (key, options) => {
      const { showModel } = await import("../actions/show-model.ts");
      await showModel(key, options);
    });
}
