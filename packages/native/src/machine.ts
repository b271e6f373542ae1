/** What this machine and build are, and the runtime that follows from it. */
import type { Runtime, RuntimeRequest } from "@patina/core";
import { PatinaError } from "@patina/core";
import type { NativeFacts, NativeOffer, NativeTooLarge } from "./generated/addon.ts";
import { addonInUse, loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** A runtime and why it was chosen. */
export interface RuntimeDecision {
  readonly runtime: Runtime;
  /** In the order in which it was decided, for people. */
  readonly reasons: readonly string[];
  /** Sets of files for the runtime that must not be taken: they do not fit into this machine's memory. */
  readonly tooLarge: readonly Readonly<NativeTooLarge>[];
}

/** One set of a model's files, as far as the choice of a runtime looks at it. Without `weights` memory decides nothing. */
export type RuntimeOffer = Readonly<NativeOffer>;

/**
 * Chooses among the runtimes a model has files for, by this machine, this build and its memory. `RUNTIME_UNAVAILABLE`
 * says why none fits, with the numbers, and what of `others` would. A bare name asks about a runtime and no model.
 */
export function chooseRuntime(
  request: RuntimeRequest,
  offered: readonly (Runtime | RuntimeOffer)[],
  others: readonly RuntimeOffer[] = [],
): RuntimeDecision {
  const offers = offered.map((each) =>
    typeof each === "string" ? { model: "", variant: "", runtime: each } : each,
  );
  const { error, runtime, reasons, tooLarge } = loadAddon().chooseNativeRuntime(request, offers, [...others]);
  if (error) {
    const { passedOver } = addonInUse();
    const more = passedOver === undefined ? "" : `; the addon with MLX is here, and ${passedOver}`;
    throw fromNative({ ...error, message: `${error.message}${more}` });
  }
  if (!runtime) throw new PatinaError("INTERNAL", "the addon chose no runtime and gave no reason");
  return { runtime, reasons, tooLarge };
}

/** Facts and versions of the native side. */
export function nativeFacts(): NativeFacts {
  return loadAddon().nativeFacts();
}
