/** Python with pinned packages in an environment of its own; and the models that scripts build with it. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "..");
/** What the scripts that build models need. */
const REQUIREMENTS = join(root, "scripts/requirements-minilm.txt");
const ENVIRONMENT = join(root, "target/models-venv");

/**
 * Has `script` (of `scripts/`) build a model into `folder`, unless `proof`, a file in it, is there from an earlier run.
 * It is built aside and renamed, so that a folder of this name is always whole.
 */
export function built(folder: string, proof: string, script: string, ...parameters: string[]): string {
  if (existsSync(join(folder, proof))) return folder;
  const aside = join(dirname(folder), "aside");
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  run([pythonWith(REQUIREMENTS, ENVIRONMENT), join(root, "scripts", script), ...parameters, aside]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  return folder;
}

/**
 * The Python of the environment in the folder `environment`, which is made anew unless exactly the packages of the file
 * `requirements` are in it.
 */
export function pythonWith(requirements: string, environment: string): string {
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
