import type { Runtime, RuntimeRequest, TextKind } from "@patina/core";
import { nearest } from "@patina/core";
import { InvalidArgumentError, Option } from "commander";

/** What may be asked of `--runtime`. */
export const RUNTIMES: readonly RuntimeRequest[] = ["auto", "onnx", "mlx"];

/** `--runtime`, for commands that open or fetch a model. */
export function runtimeOption(): Option {
  return new Option("--runtime <runtime>", "auto, onnx or mlx").argParser(oneOf(RUNTIMES));
}

/** `--explain-runtime`, for commands that decide which runtime runs a model. */
export function explainRuntimeOption(): Option {
  return new Option(
    "--explain-runtime",
    "say on the standard error which runtime was taken, and why (with --json as JSON)",
  );
}

/** `--variant`, for commands that open or fetch a model. */
export function variantOption(): Option {
  return new Option(
    "--variant <name>",
    "which files of the model, such as fp32 or int8 (see `patina model status`)",
  );
}

/** `--json`, for a command whose result a program may read. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, errors included");
}

/** `--progress`, for a command that fetches. */
export function progressOption(): Option {
  return new Option(
    "--progress <form>",
    "auto (a line on a terminal, nothing elsewhere) or json (lines on the standard error)",
  )
    .argParser(oneOf(["auto", "json"]))
    .default("auto");
}

/** A value out of `choices`; a near miss is told what it was near to. */
export function oneOf<const T extends string>(choices: readonly T[]): (value: string) => T {
  return (value) => {
    if ((choices as readonly string[]).includes(value)) return value as T;
    const near = nearest(value, choices);
    throw new InvalidArgumentError(
      `It is one of ${choices.join(", ")}.${near ? `\n(Did you mean ${near}?)` : ""}`,
    );
  };
}

/** As {@link oneOf}, for an option that may be given several times. */
export function someOf<const T extends string>(choices: readonly T[]): (value: string, before?: T[]) => T[] {
  const one = oneOf(choices);
  return (value, before = []) => [...before, one(value)];
}

/** A text, for an option that may be given several times. */
export function texts(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** A whole number of at least 1. */
export function positiveInteger(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("It is a whole number of at least 1.");
}

/** Options that choose a model's files. */
export interface ModelOptions {
  readonly variant?: string;
  readonly runtime?: RuntimeRequest;
  readonly explainRuntime?: boolean;
}

export type { Runtime, RuntimeRequest, TextKind };
