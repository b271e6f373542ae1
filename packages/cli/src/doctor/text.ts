import type { RuntimeDecision } from "@patina/engine";
import { opinionLine } from "@patina/registry";
import { bytes, counted } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";
import type { CacheReport } from "./caches.ts";
import type { LibrariesReport, MachineReport } from "./machine.ts";
import type { Problem } from "./problems.ts";
import type { ProjectReport } from "./project.ts";
import type { RuntimeReport } from "./runtimes.ts";
import type { VariantReport } from "./variants.ts";

/** All that `patina doctor` found; its `--json` prints it as it is. */
export interface DoctorReport {
  readonly ok: boolean;
  readonly machine: MachineReport;
  /** What `auto` comes to on this machine; null where it comes to nothing. */
  readonly runtime: RuntimeDecision | null;
  readonly libraries: LibrariesReport;
  readonly caches: readonly CacheReport[];
  readonly models: readonly {
    readonly key: string;
    readonly variant: string;
    readonly runtime: string;
    readonly state: string;
    readonly size: number | null;
  }[];
  /** Which runtime the models that are here, and the recipe's, run on, and why. */
  readonly runtimes: readonly RuntimeReport[];
  /** Which files of the models that are here would be used, and why. */
  readonly variants: readonly VariantReport[];
  readonly project: ProjectReport | null;
  readonly problems: readonly Problem[];
}

/** Columns of the names on the left. */
const LABEL_WIDTH = 14;

/** The report for people. */
export function doctorText(report: DoctorReport, style: Style): string {
  const blocks = [
    machine(report),
    libraries(report),
    storage(report),
    runtimes(report),
    variants(report),
    project(report.project),
  ];
  const lines = blocks
    .filter(([, rows]) => rows.length > 0)
    .flatMap(([title, rows]) => [
      style.bold(title),
      ...rows.map(([name, value]) => `  ${style.dim(name.padEnd(LABEL_WIDTH))}${visibleLine(value)}`),
      "",
    ]);
  for (const problem of report.problems) {
    lines.push(`${style.red("problem")} ${problem.code}: ${visibleLine(problem.message)}`);
  }
  lines.push(report.ok ? style.green("all is well") : counted(report.problems.length, "problem"));
  return `${lines.join("\n")}\n`;
}

type Block = readonly [title: string, rows: readonly (readonly [name: string, value: string])[]];

function machine({ machine: found, runtime }: DoctorReport): Block {
  const features =
    found.features === null ? "unknown without the addon" : found.features.join(" ") || "none of note";
  return [
    "machine",
    [
      ["system", found.system],
      ["processor", found.processor],
      ["instructions", features],
      ["cores", String(found.cores)],
      [
        "threads",
        found.threads === null
          ? "unknown without the addon"
          : `${found.threads}; PATINA_THREADS sets the most`,
      ],
      ["memory", memory(found)],
      ...(found.rosetta
        ? [["process", "x86-64, translated by Rosetta: a native arm64 Bun would get MLX"] as const]
        : []),
      ...(found.nvidia ? [["gpu", "NVIDIA, which no runtime of this build uses"] as const] : []),
      ["runtime", runtime === null ? "none" : `${runtime.runtime}: ${runtime.reasons.join("; ")}`],
    ],
  ];
}

function memory({ memory: whole, freeMemory, modelMemory, gpuLimit }: MachineReport): string {
  const parts = [bytes(whole), `${bytes(freeMemory)} free`];
  if (modelMemory !== null && modelMemory < whole) parts.push(`${bytes(modelMemory)} in this container`);
  if (gpuLimit !== null) parts.push(`${bytes(gpuLimit)} for the GPU, by iogpu.wired_limit_mb`);
  return parts.join(", ");
}

function libraries({ libraries: found }: DoctorReport): Block {
  const { addon, onnxruntime } = found;
  return [
    "libraries",
    [
      ["patina", found.patina],
      ["bun", `${found.bun} (Node API ${found.node})`],
      ["addon", addon === null ? "missing" : `${addon.version}, with ${addon.runtimes.join(" and ")}`],
      ...(addon?.withoutMlx ? [["mlx", addon.withoutMlx] as const] : []),
      [
        "onnxruntime",
        onnxruntime === null
          ? "missing"
          : `${onnxruntime.version ?? "unknown version"}, ${onnxruntime.library}`,
      ],
    ],
  ];
}

function storage({ caches, models }: DoctorReport): Block {
  const rows = models.map(
    ({ key, variant, runtime, state, size }) =>
      [
        "model",
        `${key} ${variant} (${runtime}): ${state}${size === null ? "" : `, ${bytes(size)}`}`,
      ] as const,
  );
  const folders = caches.map(
    ({ name, folder, size }) =>
      [name, `${folder}: ${size === null ? "not there yet" : bytes(size)}`] as const,
  );
  const none = [["model", "none; `patina model add all-minilm-l6-v2` fetches one"]] as const;
  return ["storage", [...folders, ...(rows.length === 0 ? none : rows)]];
}

function runtimes({ runtimes: found }: DoctorReport): Block {
  const rows = found.flatMap(({ key, requested, decision, refused }) => [
    ["model", `${key}, runtime ${requested}: ${decision?.runtime ?? "none"}`] as const,
    ...(decision?.reasons ?? [refused ?? ""]).map((reason) => ["", reason] as const),
  ]);
  return ["runtimes", rows];
}

function variants({ variants: found }: DoctorReport): Block {
  const rows = found.flatMap(({ key, requested, tolerance, opinions }) => [
    [
      "model",
      `${key}, variant ${requested}${requested === "auto" ? `, tolerance ${tolerance}` : ""}`,
    ] as const,
    ...opinions.map((opinion) => [opinion.taken ? "  taken" : "  not taken", opinionLine(opinion)] as const),
  ]);
  return ["variants", rows];
}

function project(found: ProjectReport | null): Block {
  if (found === null) return ["project", [["root", "none: this folder is in no git repository"]]];
  const { root, recipe, index } = found;
  const indexed =
    index === null
      ? "none; `patina oxidize` makes one"
      : `${counted(index.passages, "passage")}, ${index.model} ${index.variant} on ${index.runtime}, ` +
        `generation ${index.generation} of ${index.created}`;
  return [
    "project",
    [
      ["root", root],
      [
        "recipe",
        recipe === null
          ? "none that can be used; `patina oxidize` writes one where there is none"
          : `${recipe.file}, model ${recipe.model}`,
      ],
      ["index", indexed],
    ],
  ];
}
