import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina trust`. */
export function trustCommand(): Command {
  return new Command("trust")
    .description("let this project's .patina/models.toml say where models come from")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
A project may bring models of its own in .patina/models.toml. Its sources are used only after you have read the
file and said so here; when the file changes, it has to be trusted again.

Examples:
  cat .patina/models.toml && patina trust
  patina -C ../other-project trust`,
    )
    .action(async (options) => {
      const { trust } = await import("../actions/trust.ts");
      await trust(options);
    });
}
