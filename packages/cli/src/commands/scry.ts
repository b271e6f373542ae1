import { Command, InvalidArgumentError, Option } from "commander";
import { jsonOption, oneOf, positiveInteger, someOf, texts } from "./options.ts";

/** `patina scry`. */
export function scryCommand(): Command {
  return new Command("scry")
    .description("search the index by meaning and by words")
    .argument("[query...]", "what to look for; every character is taken as text")
    .addOption(new Option("-n, --limit <n>", "results at most").argParser(positiveInteger).default(10))
    .addOption(
      new Option(
        "-k, --kind <kind>",
        "only code, commit, note or pair; may be given several times",
      ).argParser(someOf(["code", "commit", "note", "pair"])),
    )
    .addOption(
      new Option(
        "-p, --path <glob>",
        "only paths like this from the repository's root, or with ! none of them; several times",
      ).argParser(texts),
    )
    .option("--author <name>", "only what has this in its author's name")
    .option("--since <when>", "not older: a date such as 2024-05-01, or a span such as 2w or 3 months")
    .option("--until <when>", "not newer; a day counts whole")
    .addOption(
      new Option("--hide <mark>", "no commits marked merge, bot or mass-rename; several times").argParser(
        someOf(["merge", "bot", "mass-rename"]),
      ),
    )
    .option("--file <path>", "in place of a query: what belongs with this file")
    .option("--like <place>", "in place of a query: what is like PATH, PATH:12 or PATH:12-40")
    .addOption(
      new Option("--only <list>", "ask full-text or vectors alone").argParser(
        oneOf(["full-text", "vectors"]),
      ),
    )
    .addOption(
      new Option(
        "-o, --open [n]",
        "open the n-th result, the first by itself, in $VISUAL or $EDITOR",
      ).argParser(positionToOpen),
    )
    .option("-e, --explain", "show each result's rank and score in each list, and how the answer came to be")
    .option("--no-pager", "print long answers without $PAGER")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Filters by author and time leave out what has none: code has neither, and is found through the commits that pass them,
which vote for the files they touched. \`--only full-text\` loads no model.

Examples:
  patina scry "where is the retry limit set"
  patina scry "why was the cache removed" --kind commit --since "6 months" --hide merge
  patina scry parser --path src/ --path '!*.test.ts' --open
  patina scry --like src/parser.ts:40-60
  patina scry --file src/parser.ts --kind code
  patina scry tokenizer --json | jq -r '.results[].path'`,
    )
    .action(async (query, options) => {
      const { scry } = await import("../actions/scry.ts");
      await scry(query, options);
    });
}

/** The place among the results; a query that stands behind the option is taken for one. */
function positionToOpen(value: string): number {
  if (/^\d+$/.test(value)) return positiveInteger(value);
  throw new InvalidArgumentError("It is a result's number; a query stands before the option.");
}
