import { Command, Option } from "commander";
import { jsonOption, positiveInteger, someOf } from "./options.ts";

/** `patina scry`. */
export function scryCommand(): Command {
  return new Command("scry")
    .description("search the index by meaning and by words")
    .argument("<query...>", "what to look for; every character is taken as text")
    .addOption(new Option("-n, --limit <n>", "results at most").argParser(positiveInteger).default(10))
    .addOption(
      new Option(
        "-k, --kind <kind>",
        "only code, commit, note or pair; may be given several times",
      ).argParser(someOf(["code", "commit", "note", "pair"])),
    )
    .option("-e, --explain", "show each result's rank and score in each list")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  patina scry "where is the retry limit set"
  patina scry "why was the cache removed" --kind commit --limit 3
  patina scry tokenizer --json | jq -r '.results[].path'`,
    )
    .action(async (query, options) => {
      const { scry } = await import("../actions/scry.ts");
      await scry(query.join(" "), options);
    });
}
