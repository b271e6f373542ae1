/** What this machine and build are, and the runtime that follows from it. */
import type { Runtime, RuntimeRequest } from "@patina/core";
import { PatinaError } from "@patina/core";
import type { NativeFacts } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** A runtime and why it was chosen. */
export interface RuntimeDecision {
  readonly runtime: Runtime;
  /** In the order in which it was decided, for people. */
  readonly reasons: readonly string[];
}

/** Chooses among the runtimes a model has files for; `RUNTIME_UNAVAILABLE` says why none fits and what would help. */
export function chooseRuntime(request: RuntimeRequest, offered: readonly Runtime[]): RuntimeDecision {
  const { error, runtime, reasons } = loadAddon().chooseNativeRuntime(request, offered);
  if (error) throw fromNative(error);
  if (!runtime) throw new PatinaError("INTERNAL", "the addon chose no runtime and gave no reason");
  return { runtime, reasons };
}

/** Facts and versions of the native side. */
export function nativeFacts(): NativeFacts {
  return loadAddon().nativeFacts();
}
