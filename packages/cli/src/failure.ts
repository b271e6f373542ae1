import { ERROR_CODES, type ErrorDetails, isPatinaError, type PatinaError } from "@patina/core";
import { CommanderError } from "commander";
import { safeJson, visible } from "./terminal/visible.ts";

/** Exit codes that belong to no error of the packages. */
export const EXIT = { done: 0, negative: 1, usage: 2, input: 3, internal: 70, interrupted: 130 } as const;

/** The command was called in a way it does not take. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** An error as the command tells it: to a person, or to a program under `--json`. */
export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details: ErrorDetails;
  readonly stack?: string;
}

/** What to tell about an error. The stack is told only under `PATINA_DEBUG=1`. */
export function describeFailure(error: unknown, env: NodeJS.ProcessEnv = process.env): Failure {
  const told = describe(error);
  return env.PATINA_DEBUG === "1" ? { ...told, stack: stackOf(error) } : told;
}

/** The failure as text for the standard error: `error: …`, then what to do about it. */
export function failureText(failure: Failure, json: boolean): string {
  if (json) {
    const { exitCode, code, message, hint, details, stack } = failure;
    return `${safeJson({ error: { code, exitCode, message, hint, details, stack } })}\n`;
  }
  const lines = [`error: ${failure.message}`];
  if (failure.hint) lines.push(`hint: ${failure.hint}`);
  if (failure.stack) lines.push(failure.stack);
  return `${visible(lines.join("\n"))}\n`;
}

function describe(error: unknown): Failure {
  if (error instanceof UsageError) {
    return withHint({ exitCode: EXIT.usage, code: "USAGE", message: error.message, details: {} }, error.hint);
  }
  if (error instanceof CommanderError) return ofCommander(error);
  if (isPatinaError(error)) return ofPatina(error);
  const system = error as NodeJS.ErrnoException;
  if (error instanceof Error && typeof system.code === "string" && typeof system.syscall === "string") {
    const details = system.path === undefined ? {} : { file: system.path };
    return { exitCode: ERROR_CODES.IO, code: "IO", message: error.message, details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT.internal,
    code: "INTERNAL",
    message: `this is a defect of patina: ${message}`,
    hint: "run the same with PATINA_DEBUG=1 for the stack, and report it",
    details: {},
  };
}

function ofCommander(error: CommanderError): Failure {
  // "error: unknown option '--limt'\n(Did you mean --limit?)"
  const [first = "", ...rest] = error.message.split("\n");
  const failure = {
    exitCode: EXIT.usage,
    code: "USAGE",
    message: first.replace(/^error: /, ""),
    details: {},
  };
  return withHint(failure, rest.join(" ").replace(/^\(|\)$/g, "") || undefined);
}

function ofPatina(error: PatinaError): Failure {
  const { code, message, details } = error;
  // Only Ctrl-C and a request to end abort anything here.
  if (code === "ABORTED") return { exitCode: EXIT.interrupted, code, message: "interrupted", details };
  const { suggestion } = details;
  // A newer copy of the core package may bring codes that this one does not list.
  const exitCode = ERROR_CODES[code] ?? EXIT.internal;
  const failure = { exitCode, code, message: placed(message, details), details };
  const known = suggestion !== undefined && !message.includes(suggestion);
  return withHint(failure, known ? `did you mean ${suggestion}?` : undefined);
}

/** The message with the place it speaks of in front, unless it says so itself. */
function placed(message: string, { file, line, column }: ErrorDetails): string {
  if (file === undefined || message.includes(file)) return message;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place}: ${message}`;
}

function withHint(failure: Failure, hint: string | undefined): Failure {
  return hint === undefined ? failure : { ...failure, hint };
}

function stackOf(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at !== undefined && parts.length < 8; at = (at as Error).cause) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
    if (!(at instanceof Error)) break;
  }
  return parts.join("\ncaused by ");
}
