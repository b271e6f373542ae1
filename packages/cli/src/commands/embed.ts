import { Command, Option } from "commander";
import { explainRuntimeOption, oneOf, positiveInteger, runtimeOption, variantOption } from "./options.ts";

const HELP = `
Each result is a line of JSON: index, id (null where none was given), embedding, tokens, truncated.
With --input jsonl each line of the standard input is an object with "text" and, if you like, "id" (a string or a
number); other keys are ignored. The input may be larger than the memory.

Without --model it is the model of the project's recipe, with the recipe's runtime, variant and dimension;
outside a project all-minilm-l6-v2.

Examples:
  patina embed "how do I rotate keys" --kind query
  patina embed --input jsonl < texts.jsonl > vectors.jsonl
  patina embed --model e5-base-v2 --kind passage --format npy --output vectors.npy < passages.txt`;

/** `patina embed`. */
export function embedCommand(): Command {
  return new Command("embed")
    .description("print the vectors of texts, from the arguments or the standard input")
    .argument("[text...]", "texts; without any they are read from the standard input")
    .option("-m, --model <key>", "a model of the registry (see `patina model list`)")
    .addOption(
      new Option(
        "-k, --kind <kind>",
        "which of the model's templates is put around a text: query, passage or raw (none)",
      )
        .argParser(oneOf(["raw", "query", "passage"]))
        .default("raw"),
    )
    .option("--task <task>", "what a query is for, where the model's query template takes it")
    .option("--dimension <n>", "numbers per vector, for a model trained to be cut", positiveInteger)
    .addOption(variantOption())
    .addOption(runtimeOption())
    .addOption(explainRuntimeOption())
    .addOption(
      new Option(
        "-i, --input <format>",
        "how the standard input holds texts: lines or jsonl (default: lines)",
      ).argParser(oneOf(["lines", "jsonl"])),
    )
    .addOption(
      new Option("-f, --format <format>", "jsonl, or npy for a NumPy array [texts, dimension] of float32")
        .argParser(oneOf(["jsonl", "npy"]))
        .default("jsonl"),
    )
    .option("-o, --output <file>", "write to <file>, which appears when all is done")
    .option("--json", "tell errors, warnings and explanations as JSON on the standard error")
    .addHelpText("after", HELP)
    .action(async (texts, options) => {
      const { embed } = await import("../actions/embed.ts");
      await embed(texts, options);
    });
}
