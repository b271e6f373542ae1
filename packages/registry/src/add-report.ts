import type { Runtime } from "@patina/core";
import type { FileRole } from "./model-entry.ts";
import type { ChoiceRequest } from "./select.ts";
import type { DamagedFile } from "./set-aside.ts";
import type { RetryNotice } from "./transfer/retry.ts";

/** How far all files of an `add` are together. */
export interface AddTotals {
  /** Files that are there and right by now. */
  readonly done: number;
  readonly files: number;
  /** Bytes of all files so far. */
  readonly bytes: number;
  /** Bytes of all files; `null` as long as the size of one is not known. */
  readonly total: number | null;
}

/** How far an `add` is. Several files are fetched at once: events of one come between those of another. */
export interface AddProgress {
  /**
   * `waiting`: another process is adding this model, or fetching `file`. `checking`: looking whether `file` is here
   * already. `asking`: `source` is being asked for `file`. `fetching`: its bytes arrive. `retrying`: it failed in a way
   * that may pass, and is asked again after a pause. `here`: the file is there and right. `done`: all is in place.
   */
  readonly phase: "waiting" | "checking" | "asking" | "fetching" | "retrying" | "here" | "done";
  readonly key: string;
  readonly file: string | null;
  readonly source: string | null;
  /** Bytes of `file` so far. */
  readonly bytes: number | null;
  /** Bytes of the whole file, where they are known. */
  readonly total: number | null;
  /** Why and for how long `retrying` pauses; else `null`. */
  readonly retry: RetryNotice | null;
  /** `null` as long as no file is looked at. */
  readonly all: AddTotals | null;
}

/** Options of `Registry.add`. */
export interface AddOptions extends ChoiceRequest {
  /** Takes nothing but what the lock has, and leaves the lock as it is. */
  readonly frozen?: boolean | undefined;
  readonly onProgress?: ((progress: AddProgress) => void) | undefined;
  /** Aborting rejects with `ABORTED` and leaves nothing half-written. */
  readonly signal?: AbortSignal | undefined;
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
  /** The revision that the source came to: a commit, a version; `null` where it has none. */
  readonly revision: string | null;
  /** Absolute. */
  readonly location: string;
  /** What was found in its place and moved aside; `null` where nothing was wrong. */
  readonly damaged: DamagedFile | null;
}

/** What `Registry.add` did. */
export interface AddReport {
  readonly key: string;
  readonly name: string;
  readonly license: string;
  readonly variant: string;
  readonly runtime: Runtime;
  /** The variant's folder in the store: the record of all its files, and those that do not lie in the hub's cache. */
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
