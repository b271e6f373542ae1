/** What a page of results says about where it was measured. */
import { cpus, release, totalmem } from "node:os";
import { PEERS } from "./peers.ts";
import { ROOT } from "./prepare.ts";

/** Processor, memory, system and versions, as two lines of Markdown. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const git = Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { cwd: ROOT });
  const system = `${process.platform}-${process.arch} ${release()}`;
  return [
    `Machine: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, ${system}.`,
    `Bun ${Bun.version}, ONNX Runtime ${PEERS["onnxruntime-node"]}, commit ${git.stdout.toString().trim()}.`,
  ].join("\n");
}
