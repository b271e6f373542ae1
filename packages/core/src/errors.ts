/**
 * One error type for the whole toolkit. Code branches on `code`, never on the message and never on
 * `instanceof` (two copies of this package may be loaded at once): use {@link isPatinaError}.
 */

/** Every code an error of this project can carry, with the exit code the command gives it. */
export const ERROR_CODES = {
  /** The caller passed something that cannot be used (a text that is no string, a dimension out of range). */
  INVALID_INPUT: 3,
  /** `.patina/oxidize.yaml` cannot be used. */
  RECIPE_INVALID: 3,
  /** `registry.toml` or an overlay cannot be used. */
  REGISTRY_INVALID: 3,
  /** An overlay of a project brings sources and nobody has trusted it. */
  OVERLAY_UNTRUSTED: 3,
  /** The directory is no git repository, or git refused. */
  NOT_A_REPOSITORY: 3,
  /** Nothing has been indexed yet. */
  INDEX_MISSING: 3,
  /** The index was made by another model than the one asked to read it. */
  INDEX_INCOMPATIBLE: 3,
  /** A file cannot be read or written. */
  IO: 3,
  /** Another process holds what the call needs; the same call may succeed later. */
  BUSY: 3,
  /** A model's entry contradicts itself or its files. */
  SPEC_INVALID: 3,
  /** The model needs something this engine does not do. */
  UNSUPPORTED: 3,
  /** The registry has no such model. */
  MODEL_UNKNOWN: 4,
  /** The model is known, its files are not on this machine. */
  MODEL_MISSING: 4,
  /** The model has no variant that fits what was asked. */
  VARIANT_UNKNOWN: 4,
  /** A file is not what its digest says, or cannot be what it claims to be. */
  INTEGRITY: 5,
  /** A network was needed and did not do. */
  NETWORK: 6,
  /** The runtime asked for cannot be had on this machine. */
  RUNTIME_UNAVAILABLE: 4,
  /** The runtime failed while it computed. */
  RUNTIME_FAILED: 70,
  /** The model's output holds NaN or infinity, or a vector of length zero. */
  NON_FINITE: 70,
  /** The engine was closed before the call. */
  CLOSED: 70,
  /** The call was aborted by its signal. */
  ABORTED: 130,
  /** A defect of this project. */
  INTERNAL: 70,
} as const;

/** A stable name for what went wrong. New codes may be added. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What an error may name beside its message, so that a program need not parse one. */
export interface ErrorDetails {
  /** The file that is at fault. */
  readonly file?: string;
  /** Line in `file`, from 1. */
  readonly line?: number;
  /** Column in `file`, from 1. */
  readonly column?: number;
  /** The key, model or option at fault. */
  readonly key?: string;
  /** The nearest thing that does exist. */
  readonly suggestion?: string;
  /** Which of the given texts is at fault, from 0. */
  readonly index?: number;
  /** What was expected (a digest, say). */
  readonly expected?: string;
  /** What was found instead. */
  readonly found?: string;
}

/** The error of this project: `message` says what happened and what to do next. */
export class PatinaError extends Error {
  override readonly name = "PatinaError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** The mark by which {@link isPatinaError} knows this error, whichever copy of the package made it. */
  readonly isPatinaError: true = true;

  constructor(code: ErrorCode, message: string, details: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = rest;
  }

  /** The exit code the `patina` command ends with when this error reaches it. */
  get exitCode(): number {
    return ERROR_CODES[this.code];
  }
}

/** True for a {@link PatinaError}, also one made by another copy of this package. */
export function isPatinaError(error: unknown, code?: ErrorCode): error is PatinaError {
  return (
    typeof error === "object" &&
    error !== null &&
    (error as { isPatinaError?: unknown }).isPatinaError === true &&
    (code === undefined || (error as PatinaError).code === code)
  );
}

/** Throws an `ABORTED` error when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

/**
 * Waits for something that knows no signal (a read of the standard input, a source's next text), at most until the signal
 * is aborted. `Promise.race` with one lasting promise would keep every result alive for as long as that promise lives.
 *
 * @throws PatinaError `ABORTED`.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortedError(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The error for a call that its signal aborted; the signal's reason is the cause. */
export function abortedError(signal: AbortSignal): PatinaError {
  return new PatinaError("ABORTED", "the call was aborted", { cause: signal.reason });
}
