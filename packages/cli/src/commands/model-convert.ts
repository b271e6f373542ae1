import { Command, Option } from "commander";
import { jsonOption, oneOf, positiveInteger, variantOption } from "./options.ts";

/** `patina model convert`. */
export function convertCommand(): Command {
  return new Command("convert")
    .description("make a smaller or faster model of your own out of a float one")
    .argument("<key>", "a model of the registry whose float files for that runtime are on this machine")
    .addOption(
      new Option(
        "--to <form>",
        "onnx-int8: int8 per output channel, activations quantised at each run; mlx-4, mlx-8: weights in 4 or 8 bits, " +
          "as MLX's own tools write them",
      )
        .argParser(oneOf(["onnx-int8", "mlx-4", "mlx-8"]))
        .makeOptionMandatory(),
    )
    .addOption(new Option("--as <name>", "the key of the model that is made").makeOptionMandatory())
    .addOption(variantOption())
    .addOption(
      new Option(
        "--range <range>",
        "of onnx-int8: auto (without it as well), full (±127) or reduced (±64, for x86 processors without VNNI " +
          "instructions)",
      ).argParser(oneOf(["auto", "full", "reduced"])),
    )
    .addOption(
      new Option(
        "--group-size <count>",
        "of mlx-4 and mlx-8: weights that share a scale, 32, 64 or 128 (64 without it)",
      ).argParser(positiveInteger),
    )
    .option("--force", "replace a model that a conversion made")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
The model is a row of its own in the overlay of your home folder, with its distance from its source beside it. It is used
where it is named and never chosen by itself. Converting for MLX needs no MLX: safetensors become safetensors. Where this
machine lacks the runtime, or the memory for the source, the distance is not measured, and the command says so.

Examples:
  patina model convert all-minilm-l6-v2 --to onnx-int8 --as my-minilm-int8
  patina model convert qwen3-embedding-4b --to mlx-4 --as my-qwen3-q4
  patina embed "a text" --model my-minilm-int8`,
    )
    .action(async (key, options) => {
      const { convertModel } = await import("../actions/convert-model.ts");
      await convertModel(key, options);
    });
}
