import type { Runtime } from "@patina/core";
import { type FileState, isInstalled } from "./check.ts";
import { lookAt } from "./decide.ts";
import { Pins } from "./lock.ts";
import type { FileRole, ModelEntry, ModelVariant } from "./model-entry.ts";
import type { Origin } from "./rules.ts";
import type { Workspace } from "./workspace.ts";

/** One file of a variant and what is known of it. */
export interface FileStatus {
  readonly role: FileRole;
  /** As the registry has it. */
  readonly path: string;
  /** In bytes; `null` where nobody knows before it is fetched. */
  readonly size: number | null;
  /** What its digest must be; `null` until it is pinned. */
  readonly sha256: string | null;
  readonly state: FileState;
  /** Absolute, where it is or would be; `null` until its digest is known. */
  readonly location: string | null;
  /** Where its bytes came from; `null` where it is not here. */
  readonly source: string | null;
}

/** One variant of a model on this machine. */
export interface ModelStatus {
  readonly key: string;
  readonly name: string;
  readonly origin: Origin;
  readonly trusted: boolean;
  readonly variant: string;
  readonly runtime: Runtime;
  /** All files are there (`installed`), some (`partial`), none (`missing`), or one is known to be wrong (`damaged`). */
  readonly state: "installed" | "partial" | "missing" | "damaged";
  /** The folder its files are in; `null` where none is here. */
  readonly folder: string | null;
  /** Bytes of all files; `null` where one is not known. */
  readonly size: number | null;
  readonly files: readonly FileStatus[];
}

/** The state of every variant of one model or of all, by sizes and times alone: no file is read. */
export async function modelStatus(
  workspace: Workspace,
  keyOrAlias: string | undefined,
): Promise<ModelStatus[]> {
  const { catalog } = workspace;
  const entries = keyOrAlias === undefined ? catalog.models() : [catalog.entry(keyOrAlias)];
  const pairs = entries.flatMap((entry) => entry.variants.map((variant) => ({ entry, variant })));
  const pins = await Pins.read(workspace.locks);
  return Promise.all(pairs.map(({ entry, variant }) => variantStatus(workspace, pins, entry, variant)));
}

async function variantStatus(
  workspace: Workspace,
  pins: Pins,
  entry: ModelEntry,
  variant: ModelVariant,
): Promise<ModelStatus> {
  const { expected, files: checked } = await lookAt(workspace, pins, entry, variant);
  const files = checked.map(({ expected: { file, sha256, size }, state, location, recorded }) => ({
    role: file.role,
    path: file.path,
    size: size ?? recorded?.size ?? null,
    sha256: sha256 ?? null,
    state,
    location,
    source: state === "missing" ? null : (recorded?.source ?? null),
  }));
  const known = files.map(({ size }) => size).filter((size) => size !== null);
  return {
    key: entry.key,
    name: entry.name,
    origin: entry.origin,
    trusted: entry.trusted,
    variant: variant.name,
    runtime: variant.runtime,
    state: overall(
      isInstalled(checked),
      files.map(({ state }) => state),
    ),
    folder: files.some(({ state }) => state !== "missing") ? (expected.folder ?? null) : null,
    size: known.length === files.length ? known.reduce((sum, size) => sum + size, 0) : null,
    files,
  };
}

function overall(installed: boolean, states: readonly FileState[]): ModelStatus["state"] {
  if (installed) return "installed";
  if (states.includes("damaged")) return "damaged";
  return states.every((state) => state === "missing") ? "missing" : "partial";
}
