import { existsSync, readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from "node:os";
import { dirname, join } from "node:path";
import type { NativeFacts } from "@patina/engine";
import { VERSION } from "../version.ts";

/** What the command runs on. */
export interface MachineReport {
  readonly system: string;
  readonly processor: string;
  /** Instructions that matter to speed; null where the addon, which asks for them, is missing. */
  readonly features: readonly string[] | null;
  /** Cores this process may use. */
  readonly cores: number;
  /** Worker threads that may compute at once: the cores, or what `PATINA_THREADS` says; null without the addon. */
  readonly threads: number | null;
  /** In bytes. */
  readonly memory: number;
  /** In bytes. */
  readonly freeMemory: number;
  /** Bytes that models are held against: the machine's memory or the container's; null where the system does not tell. */
  readonly modelMemory: number | null;
  /** Bytes that the GPU may hold, where the owner of a Mac has set it. */
  readonly gpuLimit: number | null;
  /** An x86-64 process that Rosetta translates. */
  readonly rosetta: boolean | null;
  /** Linux with the driver of an NVIDIA GPU, which no runtime of this build uses. */
  readonly nvidia: boolean | null;
}

/** The facts of this machine. */
export function machineReport(facts: NativeFacts | null, threads: number | null): MachineReport {
  return {
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    features: facts?.cpuFeatures ?? null,
    cores: availableParallelism(),
    threads,
    memory: totalmem(),
    freeMemory: freemem(),
    modelMemory: facts?.memory ?? null,
    gpuLimit: facts?.gpuLimit ?? null,
    rosetta: facts?.rosetta ?? null,
    nvidia: facts?.nvidia ?? null,
  };
}

/** What the command is made of. */
export interface LibrariesReport {
  readonly patina: string;
  readonly bun: string;
  /** The Node API that Bun offers. */
  readonly node: string;
  readonly addon: {
    readonly version: string;
    readonly runtimes: readonly string[];
    /** Why it has no MLX, and what would help; null where it has. */
    readonly withoutMlx: string | null;
  } | null;
  readonly onnxruntime: { readonly version: string | null; readonly library: string } | null;
}

/** Versions, and where ONNX Runtime is. */
export function librariesReport(
  facts: NativeFacts | null,
  withoutMlx: string | null,
  onnxLibrary: string | null,
): LibrariesReport {
  const runtimes = [facts?.onnxBuilt ? "onnx" : undefined, facts?.mlxBuilt ? "mlx" : undefined];
  return {
    patina: VERSION,
    bun: Bun.version,
    node: process.versions.node,
    addon:
      facts === null
        ? null
        : {
            version: facts.addonVersion,
            runtimes: runtimes.filter((runtime) => runtime !== undefined),
            withoutMlx: withoutMlx || null,
          },
    onnxruntime:
      onnxLibrary === null
        ? null
        : { version: facts?.onnxruntimeVersion ?? packageVersion(onnxLibrary), library: onnxLibrary },
  };
}

/** The version of the package a file belongs to. The library itself tells its own only once it is loaded. */
function packageVersion(file: string): string | null {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) continue;
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: string };
    return version ?? null;
  }
  return null;
}
