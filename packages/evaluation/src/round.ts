/** What a process that measures a runtime is asked, and what it says. */
import type { ErrorCode, ErrorDetails, SpecialTokenPolicy } from "@patina/core";
import type { ModelSpec } from "@patina/engine";

/** One round of one runtime. */
export interface RoundWork {
  readonly spec: ModelSpec;
  /** As `openEngine` takes it. */
  readonly graphCache: string;
  readonly specialTokens: SpecialTokenPolicy;
  /** Embedded together, as passages. */
  readonly texts: readonly string[];
  /** Embedded one by one, as queries. */
  readonly queries: readonly string[];
  /** Where the vectors of `texts` go: float32, row-major, in the machine's byte order; null writes none. */
  readonly vectorsFile: string | null;
}

/** What a round measured. */
export interface RoundResult {
  readonly encoderId: string;
  readonly dimension: number;
  /** What the engine warned of as it opened. */
  readonly warnings: readonly string[];
  /** From the call that opens the engine until it is open, the loading of the native library included. */
  readonly openSeconds: number;
  /** From the same call until there is a first vector. */
  readonly firstVectorSeconds: number;
  /** Of all texts as one batch. */
  readonly batchSeconds: number;
  /** Milliseconds of each query. */
  readonly queryMilliseconds: readonly number[];
  /** `[texts]` */
  readonly tokens: readonly number[];
  /** Texts that were cut. */
  readonly truncated: number;
  /** Resident bytes of the process before the model was opened. */
  readonly memoryBefore: number;
  /** Resident bytes of the process at most. */
  readonly memoryPeak: number;
}

/** What a round is at. */
export interface RoundProgress {
  readonly stage: "opening" | "batch" | "queries";
  readonly done: number;
  readonly total: number;
}

/** What the process says; the last one is no progress. */
export type RoundMessage =
  | ({ readonly kind: "progress" } & RoundProgress)
  | { readonly kind: "result"; readonly result: RoundResult }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: ErrorDetails;
    };
