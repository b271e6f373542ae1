import { nearest, PatinaError } from "@patina/core";
import type * as v from "valibot";
import { REGISTRY } from "./schema.ts";
import { locateTomlPath, type PathStep } from "./toml-position.ts";

/** Something wrong with a registry file, and where in it. */
export interface Problem {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** The key at the end of `path` is not there; its place is that of the table it belongs to. */
  readonly missing?: boolean;
}

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
  const lines = placed.map(
    ({ problem, line, column }) =>
      `${file}:${line}:${column}: ${problem.message}` +
      (problem.suggestion === undefined ? "" : `; did you mean "${problem.suggestion}"?`),
  );
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
  const problems = issues.map((issue) => schemaProblem(issue, document));
  // A misspelled key is missing and unknown at once: one mistake, told once.
  const spelled = new Set(
    problems.map(({ path, suggestion }) => JSON.stringify([...path.slice(0, -1), suggestion])),
  );
  return problems.filter(({ path, missing }) => !(missing && spelled.has(JSON.stringify(path))));
}

function schemaProblem(issue: v.BaseIssue<unknown>, document: unknown): Problem {
  const path = (issue.path ?? []).map((item) => item.key as PathStep);
  const where = describePath(path);
  const key = String(path.at(-1) ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known = knownKeys(schemaAt(path.slice(0, -1), document));
    return {
      path,
      message: `unknown key "${printable(key)}"${inside(path)} (known: ${known.join(", ")})`,
      suggestion: nearest(key, known),
    };
  }
  if (issue.input === undefined) {
    return { path, message: `the key "${printable(key)}" is missing${inside(path)}`, missing: true };
  }
  const found = RECEIVED[issue.received] ?? printable(issue.received);
  if (issue.path?.at(-1)?.origin === "key") {
    return { path, message: `the key "${printable(key)}" of a model must be ${issue.message}` };
  }
  if (issue.kind === "validation") {
    return { path, message: `${where} must be ${issue.message}, not ${printable(display(issue.input))}` };
  }
  const choices = choicesAt(path, document, issue);
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
    else text += (text === "" ? "" : ".") + (/^[A-Za-z_]+$/.test(step) ? step : JSON.stringify(step));
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

interface SchemaNode {
  readonly type: string;
  readonly entries?: Record<string, SchemaNode>;
  readonly wrapped?: SchemaNode;
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
  readonly options?: readonly (SchemaNode | string)[];
  readonly literal?: unknown;
  readonly pipe?: readonly SchemaNode[];
}

/** The part of the schema that judges the value at `path`; `document` decides between kinds of source. */
function schemaAt(path: readonly PathStep[], document: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = REGISTRY as unknown as SchemaNode;
  let value = document;
  for (const step of path) {
    node = chosen(node, value);
    node = node?.entries ? node.entries[step] : (node?.item ?? node?.value);
    value = (value as Record<PathStep, unknown> | undefined)?.[step];
  }
  return chosen(node, value);
}

function chosen(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  const inner = node?.wrapped ?? node;
  if (inner?.type !== "variant") return inner;
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  const options = (inner.options ?? []) as readonly SchemaNode[];
  return options.find((option) => option.entries?.kind?.literal === kind);
}

function knownKeys(node: SchemaNode | undefined): string[] {
  return Object.keys(node?.entries ?? {});
}

function choicesAt(path: readonly PathStep[], document: unknown, issue: v.BaseIssue<unknown>): string[] {
  if (issue.type === "variant") return ["hub", "wheel", "url", "dir"];
  const options = schemaAt(path, document)?.options ?? [];
  return options.filter((option): option is string => typeof option === "string");
}
