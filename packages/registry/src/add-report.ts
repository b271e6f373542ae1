import type { Runtime } from "@patina/core";
import type { FileRole } from "./model-entry.ts";
import type { ChoiceRequest } from "./select.ts";
import type { RetryNotice } from "./transfer/retry.ts";

/** How far an `add` is. */
export interface AddProgress {
  /**
   * `waiting`: another process is adding this model. `checking`: looking whether `file` is here already. `asking`:
   * `source` is being asked for `file`. `fetching`: its bytes arrive. `retrying`: it failed in a way that may pass,
   * and is asked again after a pause. `done`: all is in place.
   */
  readonly phase: "waiting" | "checking" | "asking" | "fetching" | "retrying" | "done";
  readonly key: string;
  readonly file: string | null;
  readonly source: string | null;
  /** Bytes of `file` so far. */
  readonly bytes: number | null;
  /** Bytes of the whole file, where they are known. */
  readonly total: number | null;
  /** Why it is asked again and how long the pause is; with `retrying` only. */
  readonly retry: RetryNotice | null;
}

/** Options of `Registry.add`. */
export interface AddOptions extends ChoiceRequest {
  readonly onProgress?: (progress: AddProgress) => void;
  /** Aborting rejects with `ABORTED` and leaves nothing half-written. */
  readonly signal?: AbortSignal;
}

/** One file of the variant that was added. */
export interface AddedFile {
  readonly role: FileRole;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Where its bytes came from. */
  readonly source: string;
  /** `present`: it was here and right; `reused`: another copy on this machine; `fetched`: from its source. */
  readonly action: "present" | "reused" | "fetched";
  /** True when the registry names no digest and this one went into the lock now, to be held against from here on. */
  readonly pinned: boolean;
  /** Sources that were tried before and did not give the file, with the reason. */
  readonly failed: readonly { readonly source: string; readonly reason: string }[];
}

/** What `Registry.add` did. */
export interface AddReport {
  readonly key: string;
  readonly name: string;
  readonly license: string;
  readonly variant: string;
  readonly runtime: Runtime;
  /** The folder that holds the files. */
  readonly folder: string;
  /** The lock that has them now. */
  readonly lock: string;
  readonly files: readonly AddedFile[];
  /** Why this variant was taken. */
  readonly reason: string;
  /** Variants that come before the one taken and were passed over, with the reason. */
  readonly passedOver: readonly string[];
}

/** Says how far an operation is; what is left out is `null`. */
export type Report = (phase: AddProgress["phase"], rest?: Partial<AddProgress>) => void;
