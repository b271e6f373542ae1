import { spawn } from "node:child_process";
import { abortedError, PatinaError } from "@patina/core";
import { isSystemError } from "../files.ts";
import type { Environment } from "../home.ts";
import { printable } from "../problem.ts";

/** The end of what pip says is what went wrong; more would bury it. */
const SHOWN_LINES = 12;
const KEPT_CHARACTERS = 16_384;

interface Exit {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Downloads one wheel into `folder` with the pip of this machine, which knows the user's index, proxies and
 * certificates. Nothing is installed and no code of the package runs: only built wheels are accepted.
 */
export async function downloadWheel(
  requirement: string,
  folder: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pip = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"];
  const quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
  const args = [...pip, ...quiet, "--dest", folder, requirement];
  for (const python of process.platform === "win32" ? ["python", "py"] : ["python3", "python"]) {
    // `-m` looks in the working directory first: it must not be a repository that may hold a `pip` of its own.
    const exit = await run(python, args, folder, env, signal);
    if (exit === undefined) continue;
    if (exit.code !== 0) throw pipError(requirement, python, exit);
    return;
  }
  throw new PatinaError(
    "NETWORK",
    `${requirement} cannot be fetched: neither python3 nor python is on PATH. Install Python 3 with pip, ` +
      "or name a copy of the file in a dir source",
    { key: requirement },
  );
}

function pipError(requirement: string, python: string, { code, output }: Exit): PatinaError {
  const said = output.trimEnd().split("\n").slice(-SHOWN_LINES).map(printable).join("\n  ");
  let advice = "check the network, the proxy and pip's index settings, then run the same command again";
  if (/No module named pip\b/.test(output)) {
    advice = `${python} has no pip; install it (\`${python} -m ensurepip\`, or your system's python3-pip package)`;
  } else if (/No matching distribution|Could not find a version/.test(output)) {
    advice = "pip's index does not have this version, or could not be reached; check the index settings";
  }
  return new PatinaError(
    "NETWORK",
    `pip could not download ${requirement} (exit code ${code ?? "none"}): ${advice}. It said:\n  ${said}`,
    { key: requirement },
  );
}

/** Runs a program to its end; `undefined` when there is no such program. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<Exit | undefined> {
  if (signal?.aborted) return Promise.reject(abortedError(signal));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const stop = () => child.kill();
    signal?.addEventListener("abort", stop, { once: true });
    child.once("error", (cause) => {
      signal?.removeEventListener("abort", stop);
      if (isSystemError(cause, "ENOENT")) resolve(undefined);
      else reject(cause);
    });
    child.once("close", (code) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(abortedError(signal));
      else resolve({ code, output });
    });
  });
}
