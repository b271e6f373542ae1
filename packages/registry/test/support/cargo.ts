import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../../../..");

/** What cargo printed, for the crate `patina-embed` and its examples. */
export function cargo(command: "build" | "run", args: readonly string[]): string {
  const all = [command, "--quiet", "--locked", "--package", "patina-embed", ...args];
  const { status, stdout, stderr } = spawnSync("cargo", all, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`cargo ${command} ended with ${status}: ${stderr}`);
  return stdout.trimEnd();
}
