/** The main job on real input: this repository, its own code, documents and commits, indexed and asked three questions. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setup } from "./setup.mjs";

const root = join(fileURLToPath(import.meta.url), "../..");
const QUESTIONS = [
  "how are texts of unlike length put into batches",
  "how are secrets kept out of the index",
  "when does a new generation replace the current one",
];

function patina(...args) {
  console.log(`\n$ patina ${args.map((word) => (word.includes(" ") ? `"${word}"` : word)).join(" ")}`);
  const { status } = spawnSync(join(root, "node_modules/.bin/patina"), args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

setup();
patina("model", "add", "all-minilm-l6-v2", "--variant", "int8");
patina("oxidize");
for (const question of QUESTIONS) patina("scry", question, "--limit", "3");
