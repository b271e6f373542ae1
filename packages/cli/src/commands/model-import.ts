import { Command, InvalidArgumentError, Option } from "commander";
import { jsonOption, oneOf, positiveInteger } from "./options.ts";

const NUMERICS = ["float32", "float16", "bfloat16", "int8-dynamic", "int8-weights", "nbits"] as const;

/** `patina model import`. */
export function importCommand(): Command {
  return new Command("import")
    .description("make an entry for a model in a folder or on the hub")
    .argument(
      "<from>",
      "a folder, or OWNER/NAME on the hub, with a model as sentence-transformers lays it out",
    )
    .option("--as <key>", "the model's key (default: the last part of <from>)")
    .addOption(
      new Option("--user", "write into the overlay of your home folder (the default)").conflicts("project"),
    )
    .option("--project", "write into this project's .patina/models.toml; the model lies below the project")
    .option(
      "--revision <rev>",
      "of a repository: a branch, tag or commit (default: main); the entry names the commit",
    )
    .option("--dry-run", "print the entry and write nothing")
    .option("--force", "replace an entry that an import made, or stand in front of a built-in one")
    .option("--name <name>", "the name for people (default: the last part of <from>)")
    .option("--license <id>", "as SPDX writes it, such as MIT or Apache-2.0 (default: README.md's)")
    .addOption(new Option("--pooling <how>", "mean, cls or last").argParser(oneOf(["mean", "cls", "last"])))
    .addOption(
      new Option("--normalize <bool>", "true: vectors are brought to unit length").argParser(trueOrFalse),
    )
    .addOption(
      new Option("--max-tokens <n>", "tokens a text may have, special ones included").argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option("--min-dimension <n>", "the shortest cut the model was trained for").argParser(
        positiveInteger,
      ),
    )
    .option("--query-template <text>", 'put around a query, such as "query: {text}"; {text} alone for none')
    .option("--passage-template <text>", "the same for a passage")
    .option("--default-task <text>", "fills {task} in a template")
    .addOption(
      new Option(
        "--numerics <variant=what>",
        "what a variant's file is in, where the file does not say; may be repeated",
      ).argParser(numerics),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Reads config.json, modules.json, the pooling's configuration,
sentence_bert_config.json, the prompts, README.md and the weights' own headers.
What they do not say is asked for on a terminal, else listed by the flag that
answers it; nothing that decides a vector is guessed. A module that the engines do not compute (Dense,
say) is an error.

Examples:
  patina model import ./ours --license MIT --pooling mean
  patina model import ./models/ours --project --as our-model --dry-run
  patina model import intfloat/e5-base-v2 \\
    --query-template "query: {text}" --passage-template "passage: {text}"
  patina model add our-model && patina embed "a text" --model our-model`,
    )
    .action(async (from, options, command) => {
      const { importModel } = await import("../actions/import-model.ts");
      await importModel(from, options, command);
    });
}

function trueOrFalse(value: string): boolean {
  return oneOf(["true", "false"])(value) === "true";
}

type Stated = Record<string, (typeof NUMERICS)[number]>;

/** `fp32=float32`, several times. */
function numerics(value: string, before: Stated = {}): Stated {
  const [name = "", what, ...more] = value.split("=");
  if (name === "" || what === undefined || more.length > 0) {
    throw new InvalidArgumentError("It is VARIANT=NUMERICS, such as fp32=float32.");
  }
  return { ...before, [name]: oneOf(NUMERICS)(what) };
}
