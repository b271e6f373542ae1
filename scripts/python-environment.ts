/** Python for the scripts that build models: the packages of `requirements-minilm.txt` in an environment of its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "..");
const requirements = join(root, "scripts/requirements-minilm.txt");
const environment = join(root, "target/models-venv");

/**
 * Has `script` (of `scripts/`) build a model into `folder`, unless `proof`, a file in it, is there from an earlier run.
 * It is built aside and renamed, so that a folder of this name is always whole.
 */
export function built(folder: string, proof: string, script: string, ...parameters: string[]): string {
  if (existsSync(join(folder, proof))) return folder;
  const aside = join(dirname(folder), "aside");
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  run([python(), join(root, "scripts", script), ...parameters, aside]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  return folder;
}

function python(): string {
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
