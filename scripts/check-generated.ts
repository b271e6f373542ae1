/** Generated files are committed; making them again must change nothing. */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const GENERATORS = [["bun", "scripts/build-addon.ts"]];
const FILES = ["packages/native/src/generated"];

for (const command of GENERATORS) {
  const { exitCode } = Bun.spawnSync(command, { cwd: root, stdout: "ignore", stderr: "inherit" });
  if (exitCode !== 0) process.exit(exitCode ?? 1);
}
const { stdout } = Bun.spawnSync(["git", "status", "--porcelain", "--", ...FILES], { cwd: root });
const changed = stdout.toString().trim();
if (changed) {
  console.error(`generated files differ from what is committed; commit them:\n${changed}`);
  process.exit(1);
}
