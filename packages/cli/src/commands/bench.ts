import { Command, Option } from "commander";
import { jsonOption, oneOf, positiveInteger } from "./options.ts";

const HELP = `
Both runtimes get the same texts, in turns: each round of each has a process of its
own that loads the model, embeds all texts as one batch, and then asks short texts
one by one. It shows how near their vectors are, their speed, latency, loading time
and memory, and what that means on this machine. Neither runtime is called faster
where the ranges of the rounds overlap.

Without --texts they are passages of the project one is in, 200 at most. A model's
files for both runtimes have to be here: see \`patina model add\`.

Examples:
  patina bench runtimes all-minilm-l6-v2
  patina bench runtimes minilm --variant-onnx int8 --texts queries.txt --rounds 7
  patina bench runtimes minilm --texts records.jsonl --json | jq .parity.lowest.cosine`;

/** `patina bench` and what is below it. */
export function benchCommand(): Command {
  return new Command("bench")
    .description("measure models on this machine")
    .addCommand(runtimesCommand())
    .addHelpText("after", "\nExamples:\n  patina bench runtimes all-minilm-l6-v2");
}

function runtimesCommand(): Command {
  return new Command("runtimes")
    .description("compare a model on ONNX Runtime with the same model on MLX, on the same texts")
    .argument("<model>", "a model of the registry (see `patina model list`)")
    .option("--variant-onnx <name>", "which files for ONNX Runtime (default: what auto takes)")
    .option("--variant-mlx <name>", "which files for MLX (default: what auto takes)")
    .option("--texts <file>", "the texts: a file, or - for the standard input")
    .addOption(
      new Option(
        "-i, --input <format>",
        "how --texts holds texts: lines or jsonl (default: jsonl for a name ending so, else lines)",
      ).argParser(oneOf(["lines", "jsonl"])),
    )
    .addOption(
      new Option("--rounds <n>", "rounds of each runtime; the speed is judged from 3 upwards")
        .argParser(positiveInteger)
        .default(5),
    )
    .addOption(jsonOption())
    .option("-o, --output <file>", "write the JSON to <file> as well, which appears when all is done")
    .addHelpText("after", HELP)
    .action(async (model, options) => {
      const { benchRuntimes } = await import("../actions/bench-runtimes.ts");
      await benchRuntimes(model, options);
    });
}
