/**
 * `child.ts FOLDER SEED COUNT`: opens models with one damaged file each and prints the seed of each case before it starts
 * with it. It ends with 1 where a case gives what no damage may: an error of the engine's own, or no finite number.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isPatinaError } from "@patina/core";
import { type ModelFile, type ModelSpec, openEngine } from "@patina/engine";
import { fixture } from "../support/fixtures.ts";

const MODELS = ["bert-mean", "bert-cls", "nomic-mean", "qwen3-plain", "xlmr-mean"] as const;
const ROLES: readonly ModelFile["role"][] = ["tokenizer", "config", "weights"];

const [folder = "", first = "", count = ""] = process.argv.slice(2);
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  console.log(seed);
  await run(seed);
}

/** Whole numbers below what is asked for, from a seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Overwrites, cuts out or puts in some bytes at up to four places. */
function damage(whole: Buffer, random: (below: number) => number): Buffer {
  let bytes = whole;
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length);
    const piece = Buffer.from(Array.from({ length: 1 + random(4) }, () => random(256)));
    const cut = [0, piece.length, 1 + random(16), 0][random(4)] ?? 0;
    bytes = Buffer.concat([bytes.subarray(0, at), piece.subarray(random(2)), bytes.subarray(at + cut)]);
  }
  return bytes;
}

async function run(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const { spec } = fixture(MODELS[random(MODELS.length)] ?? MODELS[0]);
  const role = ROLES[random(ROLES.length)];
  const files = spec.files.map((file) => {
    const path = join(folder, basename(file.path));
    if (file.role === role) writeFileSync(path, damage(readFileSync(file.path), random));
    else copyFileSync(file.path, path);
    return { ...file, path };
  });
  try {
    await embed({ ...spec, files });
  } catch (error) {
    if (!isPatinaError(error) || error.code === "INTERNAL") {
      console.error(`case ${seed}, ${role} of ${spec.key}:`, error);
      process.exit(1);
    }
  }
}

async function embed(spec: ModelSpec): Promise<void> {
  await using engine = await openEngine(spec, { threads: 1 });
  const matrix = await engine.embedBatch(["", "the river 42 banks", "é 中文 🚀"]);
  if (!matrix.data.every(Number.isFinite)) {
    console.error(`${spec.key}: a number that is not finite`);
    process.exit(1);
  }
}
