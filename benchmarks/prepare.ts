/** Everything a run needs, fetched or built once into an ignored folder; a second run is offline. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openRegistry } from "@patina/registry";
import { float32MiniLm } from "../scripts/minilm-float32.ts";
import { pythonWith } from "../scripts/python-environment.ts";
import { type Shape, shapedModel } from "../scripts/shaped-models.ts";
import { INT8_MODEL, MODEL, MODELS, type Model } from "./models.ts";
import { keepGraph } from "./patina-spec.ts";
import { installPeers, PYTHON_PROGRAMS } from "./peers.ts";

/** The workspace's root. */
export const ROOT: string = join(import.meta.dir, "..");

/** Where things lie. */
export interface Places {
  /** Scratch files of a run. */
  readonly folder: string;
  /** Models in Hugging Face layout, which is transformers.js' local one too. */
  readonly modelsFolder: string;
  /** The peers from npm. */
  readonly peersFolder: string;
  /** The Python that has the peers from PyPI. */
  readonly python: string;
  /** `PATINA_HOME` of the runs, with both int8 models known. */
  readonly home: string;
}

/** Brings all sides to where they run on the same bytes. */
export async function prepare(say: (message: string) => void): Promise<Places> {
  const folder = join(ROOT, "target/benchmarks");
  mkdirSync(folder, { recursive: true });
  say("peers from npm and PyPI (once: 6 GB, most of it torch's)");
  const peersFolder = join(folder, "peers");
  installPeers(peersFolder);
  const python = pythonWith(join(PYTHON_PROGRAMS, "requirements.txt"), join(folder, "python"));
  const places: Places = {
    folder,
    modelsFolder: join(folder, "models"),
    peersFolder,
    python,
    home: join(folder, "home"),
  };
  say("models");
  await prepareMiniLm(places);
  await prepareInt8(places);
  prepareShape(MODELS["e5-base-fp32"], "e5-base", places);
  for (const id of ["minilm-fp32", "minilm-int8", "minilm-int8-weights", "e5-base-fp32"] as const) {
    await keepGraph(MODELS[id], places.modelsFolder);
  }
  return places;
}

/** float32 built from the safetensors, with what sentence-transformers reads; int8 as `patina model add` brings it. */
async function prepareMiniLm({ modelsFolder, python, home }: Places): Promise<void> {
  const folder = join(modelsFolder, MODEL);
  if (!existsSync(join(folder, "modules.json"))) {
    const built = float32MiniLm();
    cpSync(built, folder, { recursive: true });
    const wheel = readdirSync(built).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new Error(`${built} has no wheel: delete the folder, it is built again`);
    demand([python, join(PYTHON_PROGRAMS, "prepare_models.py"), "minilm", folder, join(built, wheel)]);
  }
  writePeerConfiguration(MODELS["minilm-fp32"], modelsFolder);
  const registry = await openRegistry({ home });
  await registry.add(MODEL, { variant: "int8" });
  const spec = await registry.resolve(MODEL, { variant: "int8" });
  const weights = spec.files.find((file) => file.role === "weights");
  if (weights === undefined) throw new Error(`${MODEL} int8 names no weights`);
  copyFileSync(weights.path, join(folder, MODELS["minilm-int8-weights"].weights));
}

/** The per-channel dynamic int8 file, made of the float32 one, in a folder of its own and in the user's overlay. */
async function prepareInt8({ modelsFolder, python, home }: Places): Promise<void> {
  const model = MODELS["minilm-int8"];
  const source = join(modelsFolder, MODEL);
  const folder = join(modelsFolder, model.folder);
  const weights = join(folder, model.weights);
  mkdirSync(join(folder, "onnx"), { recursive: true });
  for (const name of ["config.json", "tokenizer.json"]) copyFileSync(join(source, name), join(folder, name));
  writePeerConfiguration(model, modelsFolder);
  if (!existsSync(weights)) {
    const float32 = join(source, MODELS["minilm-fp32"].weights);
    demand([python, join(PYTHON_PROGRAMS, "prepare_models.py"), "int8", float32, weights]);
  }
  const row = (role: string, path: string) =>
    `{ role = "${role}", path = "${path}", sources = [{ kind = "dir", path = ${JSON.stringify(join(folder, path))} }] }`;
  const overlay = `version = 1
[models."${INT8_MODEL}"]
name = "${model.label}"
description = "What the benchmark measures start-up with."
license = "Apache-2.0"
architecture = "bert"
dimension = ${model.dimension}
max_tokens = ${model.maxTokens}
pooling = "mean"
normalize = true
aliases = []
files = [${row("tokenizer", "tokenizer.json")}]
[[models."${INT8_MODEL}".variants]]
name = "int8"
runtime = "onnx"
files = [${row("weights", model.weights)}]
`;
  writeFileSync(join(home, "models.toml"), overlay);
  // Opened anew: a registry reads the overlay once.
  const registry = await openRegistry({ home });
  await registry.add(INT8_MODEL, { variant: "int8" });
}

/** A model of a true shape with random weights, linked rather than copied: Qwen3's is 2.4 GB. */
export function prepareShape(
  model: Model,
  shape: Shape,
  { modelsFolder }: Pick<Places, "modelsFolder">,
): void {
  const folder = join(modelsFolder, model.folder);
  if (existsSync(join(folder, model.weights))) return;
  rmSync(folder, { force: true });
  symlinkSync(shapedModel(shape), folder, "junction");
  if (model.architecture === "bert") writePeerConfiguration(model, modelsFolder);
}

/** What peers read beside the files that Patina reads, and what makes them cut where Patina cuts. */
function writePeerConfiguration(model: Model, modelsFolder: string): void {
  const special = {
    unk_token: "[UNK]",
    sep_token: "[SEP]",
    pad_token: "[PAD]",
    cls_token: "[CLS]",
    mask_token: "[MASK]",
  };
  const configuration = {
    ...special,
    tokenizer_class: "BertTokenizer",
    model_max_length: model.maxTokens,
    do_lower_case: true,
  };
  const folder = join(modelsFolder, model.folder);
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(configuration));
  writeFileSync(join(folder, "special_tokens_map.json"), JSON.stringify(special));
}

/** config.json of a model under measurement. */
export function configurationOf<T>(model: Model, { modelsFolder }: Places): T {
  return JSON.parse(readFileSync(join(modelsFolder, model.folder, "config.json"), "utf8")) as T;
}

/** Runs a step; its output is of interest only when it fails. */
export function demand(command: string[], env: Record<string, string> = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: ROOT, env: { ...process.env, ...env } });
  if (exitCode !== 0) throw new Error(`\`${command.join(" ")}\` failed (${exitCode})\n${stdout}${stderr}`);
  return stdout.toString();
}
