/** Errors that crossed the border as data become thrown `PatinaError`s here. */
import { abortedError, ERROR_CODES, type ErrorCode, PatinaError } from "@patina/core";
import type { NativeError } from "./generated/addon.ts";

/** The `PatinaError` for an error of the native side; for an abort, with the reason of the signal that may have caused it. */
export function fromNative(error: NativeError, signal?: AbortSignal): PatinaError {
  if (error.code === "ABORTED" && signal) return abortedError(signal);
  const details = {
    ...(error.file === undefined ? {} : { file: error.file }),
    ...(error.index === undefined ? {} : { index: error.index }),
  };
  const where = error.index === undefined ? "" : ` (text ${error.index})`;
  if (!Object.hasOwn(ERROR_CODES, error.code)) {
    return new PatinaError("INTERNAL", `unknown native error ${error.code}: ${error.message}`, details);
  }
  return new PatinaError(error.code as ErrorCode, `${error.message}${where}`, details);
}

/** The outcome of a call, unless it holds an error, which is thrown. */
export function throwFailed<Outcome extends { error?: NativeError }>(outcome: Outcome): Outcome {
  if (outcome.error) throw fromNative(outcome.error);
  return outcome;
}

/** For an outcome with neither an answer nor an error, which is a defect. */
export function nothingFound(): PatinaError {
  return new PatinaError("INTERNAL", "the addon found nothing and gave no reason");
}
