import { Argument, Command } from "commander";
import { jsonOption, oneOf } from "./options.ts";

/** `patina feedback`. */
export function feedbackCommand(): Command {
  return new Command("feedback")
    .description("say whether a result of `patina scry` answered its query")
    .argument("<result>", "the eight digits that stand behind a result")
    .addArgument(new Argument("<verdict>", "yes or no").argParser(oneOf(["yes", "no"])))
    .option("--note <text>", "why, in your own words")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
What is said stays on this machine, in .patina/local/feedback.jsonl.

Examples:
  patina feedback 3f2a91bc yes
  patina feedback 3f2a91bc no --note "the test, not the code"`,
    )
    .action(async (result, verdict, options) => {
      const { feedback } = await import("../actions/feedback.ts");
      await feedback(result, verdict, options);
    });
}
