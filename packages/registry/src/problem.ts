import { nearest, PatinaError } from "@patina/core";
import type * as v from "valibot";
import { choicesAt, kindsAt, knownKeys } from "./schema-node.ts";
import { locateTomlPath, type PathStep } from "./toml-position.ts";

/** Something wrong with a registry file, and where in it. */
export interface Problem {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** The key at the end of `path` is not there; its place is that of the table it belongs to. */
  readonly missing?: boolean;
}

/** At most this many problems are listed; one wrong header can make twenty. */
const MAX_PROBLEMS = 5;

/**
 * The error for the problems of one file: the first one in the text leads, the others are listed under it. What is
 * written wrongly comes before what is missing, which often follows from it.
 */
export function registryError(
  file: string,
  text: string,
  problems: readonly Problem[],
  cause?: unknown,
): PatinaError {
  const placed = problems
    .map((problem) => ({ problem, ...locateTomlPath(text, problem.path) }))
    .sort((a, b) => rank(a.problem) - rank(b.problem) || a.line - b.line || a.column - b.column);
  const lines = placed
    .slice(0, MAX_PROBLEMS)
    .map(
      ({ problem, line, column }) =>
        `${file}:${line}:${column}: ${problem.message}` +
        (problem.suggestion === undefined ? "" : `; did you mean "${problem.suggestion}"?`),
    );
  if (placed.length > MAX_PROBLEMS)
    lines.push(`… and ${placed.length - MAX_PROBLEMS} more, which may follow from these`);
  const first = placed[0];
  const key = first?.problem.path.findLast((step) => typeof step === "string");
  return new PatinaError("REGISTRY_INVALID", lines.join("\n"), {
    file,
    ...(first === undefined ? {} : { line: first.line, column: first.column }),
    ...(key === undefined ? {} : { key }),
    ...(first?.problem.suggestion === undefined ? {} : { suggestion: first.problem.suggestion }),
    cause,
  });
}

function rank({ missing }: Problem): number {
  return missing ? 1 : 0;
}

/** The schema's issues in words: an unknown key or choice with the nearest known one. */
export function schemaProblems(issues: readonly v.BaseIssue<unknown>[], document: unknown): Problem[] {
  const problems = issues.flatMap((issue) => issueProblems(issue, document));
  // A misspelled key is missing and unknown at once: one mistake, told once.
  const spelled = new Set(
    problems.map(({ path, suggestion }) => JSON.stringify([...path.slice(0, -1), suggestion])),
  );
  return problems.filter(({ path, missing }) => !(missing && spelled.has(JSON.stringify(path))));
}

function issueProblems(issue: v.BaseIssue<unknown>, document: unknown): Problem[] {
  const path = (issue.path ?? []).map((item) => item.key as PathStep);
  const parent = path.slice(0, -1);
  const table = issue.path?.at(-1)?.input;
  // The first unknown key of a table ends valibot's look at it; a person wants to hear of all.
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known = knownKeys(parent, document);
    return Object.keys(table as object)
      .filter((key) => !known.includes(key))
      .map((key) => unknownKey([...parent, key], known));
  }
  const kinds = issue.type === "variant" ? kindsAt(parent, document) : [];
  if (issue.input === undefined) {
    // Which keys a source may have follows from its kind, so a misspelled `kind` hides them all.
    const near = kinds.length === 0 ? undefined : nearest(String(path.at(-1)), Object.keys(table as object));
    if (near !== undefined) return [unknownKey([...parent, near], [String(path.at(-1))])];
    return [missingKey(path)];
  }
  return [wrongValue(issue, path, kinds.length > 0 ? kinds : choicesAt(path, document))];
}

function unknownKey(path: readonly PathStep[], known: readonly string[]): Problem {
  const key = String(path.at(-1) ?? "");
  const suggestion = nearest(key, known);
  const list = suggestion === undefined ? ` (known: ${known.join(", ")})` : "";
  return { path, message: `unknown key "${printable(key)}"${inside(path)}${list}`, suggestion };
}

function missingKey(path: readonly PathStep[]): Problem {
  const message = `the key "${printable(String(path.at(-1) ?? ""))}" is missing${inside(path)}`;
  return { path, message, missing: true };
}

function wrongValue(
  issue: v.BaseIssue<unknown>,
  path: readonly PathStep[],
  choices: readonly string[],
): Problem {
  const where = describePath(path);
  const found = RECEIVED[issue.received] ?? printable(issue.received);
  if (issue.path?.at(-1)?.origin === "key") {
    const key = printable(String(path.at(-1) ?? ""));
    return { path, message: `the key "${key}" of a model must be ${issue.message}` };
  }
  if (issue.kind === "validation") {
    return { path, message: `${where} must be ${issue.message}, not ${printable(display(issue.input))}` };
  }
  if (choices.length > 0) {
    const suggestion = typeof issue.input === "string" ? nearest(issue.input, choices) : undefined;
    return { path, message: `${where} must be one of ${choices.join(", ")}, not ${found}`, suggestion };
  }
  return { path, message: `${where} must be ${wanted(issue.expected)}, not ${found}` };
}

/** A path as a person writes it: `models."a-b".files[0].path`. */
export function describePath(path: readonly PathStep[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (/^[A-Za-z_]\w*$/.test(step) ? step : JSON.stringify(step));
  }
  return text === "" ? "the file" : printable(text);
}

/** Text from a file must not steer a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

function inside(path: readonly PathStep[]): string {
  return path.length < 2 ? "" : ` in ${describePath(path.slice(0, -1))}`;
}

/** A value that is of the right type; of arrays only empty ones are wrong. */
function display(value: unknown): string {
  if (typeof value === "number") return RECEIVED[String(value)] ?? String(value);
  return typeof value === "string" ? JSON.stringify(value) : "an empty array";
}

/** What TOML calls the things that JavaScript has another name for; its tables have no prototype to be named by. */
const RECEIVED: Readonly<Record<string, string>> = {
  null: "a table",
  Array: "an array",
  TomlDate: "a date",
  NaN: "nan",
  Infinity: "inf",
  "-Infinity": "-inf",
};

function wanted(expected: string | null): string {
  const words: Record<string, string> = {
    string: "a string",
    number: "a number",
    boolean: "true or false",
    Array: "an array",
    Object: "a table",
  };
  return words[expected ?? ""] ?? expected ?? "something else";
}
