/** Everything a run needs, fetched or built once into an ignored folder; a second run is offline. */
import { copyFileSync, cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "@patina/registry";
import { float32MiniLm } from "../scripts/minilm-float32.ts";
import { MODEL, WEIGHTS } from "./contender.ts";
import { installPeers } from "./peers.ts";

/** The workspace's root. */
export const ROOT: string = join(import.meta.dir, "..");

/** Where things lie. */
export interface Places {
  /** Scratch files of a run. */
  readonly folder: string;
  /** Models in Hugging Face layout, which is transformers.js' local one too. */
  readonly modelsFolder: string;
  readonly peersFolder: string;
  /** `PATINA_HOME` of the runs, with the int8 model added. */
  readonly home: string;
}

/** The model's limit. Its `tokenizer.json` bakes in 128, which is not what the reference embeds with. */
export const MAX_TOKENS = 256;

/** Brings both sides to where they run on the same bytes. */
export async function prepare(say: (message: string) => void): Promise<Places> {
  const folder = join(ROOT, "target/benchmarks");
  const places: Places = {
    folder,
    modelsFolder: join(folder, "models"),
    peersFolder: join(folder, "peers"),
    home: join(folder, "home"),
  };
  say("peers from npm");
  installPeers(places.peersFolder);
  const model = join(places.modelsFolder, MODEL);
  if (!existsSync(join(model, WEIGHTS.fp32))) {
    say("float32 model, built from its safetensors");
    cpSync(float32MiniLm(), model, { recursive: true });
  }
  say("int8 model, as `patina model add` brings it");
  const registry = await openRegistry({ home: places.home });
  await registry.add(MODEL, { variant: "int8" });
  const spec = await registry.resolve(MODEL, { variant: "int8" });
  const weights = spec.files.find((file) => file.role === "weights");
  if (weights === undefined) throw new Error(`${MODEL} int8 names no weights`);
  copyFileSync(weights.path, join(model, WEIGHTS.q8));
  writePeerConfiguration(model);
  return places;
}

/** What transformers.js reads beside the files that Patina reads, and what makes it cut where Patina cuts. */
function writePeerConfiguration(model: string): void {
  const configuration = {
    tokenizer_class: "BertTokenizer",
    model_max_length: MAX_TOKENS,
    do_lower_case: true,
    unk_token: "[UNK]",
    sep_token: "[SEP]",
    pad_token: "[PAD]",
    cls_token: "[CLS]",
    mask_token: "[MASK]",
  };
  writeFileSync(join(model, "tokenizer_config.json"), JSON.stringify(configuration));
}

/** Runs a step; its output is of interest only when it fails. */
export function demand(command: string[], env: Record<string, string> = {}): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: ROOT, env: { ...process.env, ...env } });
  if (exitCode !== 0) throw new Error(`\`${command.join(" ")}\` failed (${exitCode})\n${stdout}${stderr}`);
}
