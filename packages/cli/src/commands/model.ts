import { Command, Option } from "commander";
import { convertCommand } from "./model-convert.ts";
import { importCommand } from "./model-import.ts";
import { pruneCommand } from "./model-prune.ts";
import { searchCommand } from "./model-search.ts";
import { showCommand } from "./model-show.ts";
import { updateCommand } from "./model-update.ts";
import { useCommand } from "./model-use.ts";
import {
  explainRuntimeOption,
  jsonOption,
  oneOf,
  progressOption,
  runtimeOption,
  variantOption,
} from "./options.ts";

/** `patina model …`. */
export function modelCommand(): Command {
  const command = new Command("model")
    .description("find, fetch, check, update, import, convert and remove models")
    .addHelpText(
      "after",
      `
Examples:
  patina model list
  patina model search retrieval onnx
  patina model show e5-base-v2
  patina model add all-minilm-l6-v2
  patina model use all-minilm-l6-v2
  patina model status
  patina model verify all-minilm-l6-v2
  patina model import ./my-model --license MIT
  patina model convert all-minilm-l6-v2 --to onnx-int8 --as my-minilm-int8
  patina model update all-minilm-l6-v2
  patina model remove all-minilm-l6-v2
  patina model prune --dry-run`,
    );
  const commands = [
    listCommand(),
    searchCommand(),
    showCommand(),
    addCommand(),
    useCommand(),
    statusCommand(),
    verifyCommand(),
    updateCommand(),
    importCommand(),
    convertCommand(),
    removeCommand(),
    pruneCommand(),
  ];
  for (const child of commands) command.addCommand(child);
  return command;
}

function listCommand(): Command {
  return new Command("list")
    .description("the models of the registry")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  patina model list
  patina model list --json | jq -r '.models[].key'`,
    )
    .action(async (options) => {
      const { listModels } = await import("../actions/model-list.ts");
      await listModels(options);
    });
}

function addCommand(): Command {
  return new Command("add")
    .description("fetch a model's files and check them against their digests")
    .argument("<key>", "a model of the registry")
    .addOption(variantOption())
    .addOption(runtimeOption())
    .addOption(explainRuntimeOption())
    .option("--frozen", "take nothing but what the lock has, and leave the lock as it is")
    .addOption(progressOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
What the lock has is fetched as it was then, at the same commit. What the cache
of the hub has already, from Python's tools for one, is digested and used.

Examples:
  patina model add all-minilm-l6-v2
  patina model add e5-base-v2 --variant fp32 --runtime onnx
  patina model add e5-base-v2 --frozen      # for a build server`,
    )
    .action(async (key, options) => {
      const { addModel } = await import("../actions/model.ts");
      await addModel(key, options);
    });
}

function statusCommand(): Command {
  return new Command("status")
    .description("which files of which models are on this machine")
    .argument("[key]", "one model; without it, every model that has a file here")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  patina model status
  patina model status all-minilm-l6-v2 --json`,
    )
    .action(async (key, options) => {
      const { modelStatus } = await import("../actions/model.ts");
      await modelStatus(key, options);
    });
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("hold a model's files against their digests, and its vectors against known scores")
    .argument("<key>", "a model that is on this machine")
    .addOption(variantOption())
    .addOption(runtimeOption())
    .addOption(explainRuntimeOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Every file is read whole. One that is damaged is moved aside and fetched again,
with a warning; under HF_HUB_OFFLINE, or where it cannot be had, it is an error.
Then the model embeds the registry's own check texts, and each score is held
against the one that its authors published or that a reference implementation
computed. A model without such scores has its files verified and no more, and
the last line says so.

Exits with 0 when nothing is wrong, 1 when a score is, 4 when the model is not
here, 5 when a file is damaged and cannot be fetched again.

Examples:
  patina model verify all-minilm-l6-v2
  patina model verify qwen3-embedding-0.6b --variant fp16 --json`,
    )
    .action(async (key, options) => {
      const { verifyModel } = await import("../actions/verify-model.ts");
      await verifyModel(key, options);
    });
}

function removeCommand(): Command {
  return new Command("remove")
    .description("delete a model's files from this machine")
    .argument("<key>", "a model of the registry")
    .addOption(variantOption())
    .addOption(new Option("--runtime <runtime>", "onnx or mlx").argParser(oneOf(["onnx", "mlx"])))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Without --variant and --runtime, everything of the model goes.

Examples:
  patina model remove all-minilm-l6-v2
  patina model remove all-minilm-l6-v2 --variant fp32 --runtime mlx`,
    )
    .action(async (key, options) => {
      const { removeModel } = await import("../actions/model.ts");
      await removeModel(key, options);
    });
}
