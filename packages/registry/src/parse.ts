import { PatinaError } from "@patina/core";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { type Problem, printable, registryError, schemaProblems } from "./problem.ts";
import { type Origin, ruleProblems } from "./rules.ts";
import { KEY, type RawRegistry, REGISTRY } from "./schema.ts";

/** Nesting the schema needs is 8; deeper text is a slip or an attack on the stack. */
const MAX_DEPTH = 32;

/** What is behind a message of the parser that names the symptom alone. */
const HINTS: Readonly<Record<string, string>> = {
  "control characters are not allowed in strings": "is the quote at the end of the line missing?",
  "trying to redefine an already defined table or value": "this key or header is there a second time",
  "invalid value": "text stands in quotes, and true and false are written in lower case",
};

/** Names that JavaScript gives a meaning of their own and that validation would therefore skip. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/** Reads the text of `registry.toml` or an overlay; anything wrong with it is a `REGISTRY_INVALID` with its place. */
export function parseRegistry(text: string, file: string, origin: Origin): RawRegistry {
  const document = parseToml(text, file);
  const reserved = reservedProblems(document);
  if (reserved.length > 0) throw registryError(file, text, reserved);
  const result = v.safeParse(REGISTRY, document);
  if (!result.success) throw registryError(file, text, schemaProblems(result.issues, document));
  const problems = ruleProblems(result.output, origin);
  if (problems.length > 0) throw registryError(file, text, problems);
  return result.output;
}

/** Whether a model can have this key. */
export function isKey(key: string): boolean {
  return v.is(KEY, key);
}

/** Sees to it that a model can have this key. @throws PatinaError `INVALID_INPUT`. */
export function requireKey(key: string): void {
  const result = v.safeParse(KEY, key);
  if (result.success) return;
  const message = `${JSON.stringify(key)} cannot name a model: a key is ${result.issues[0].message}`;
  throw new PatinaError("INVALID_INPUT", message, { key });
}

/** The text of a registry file; bytes that are no UTF-8 are an error, never replaced. */
export function decodeRegistry(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PatinaError("REGISTRY_INVALID", `${file} is not UTF-8 text; save it as UTF-8`, { file, cause });
  }
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = printable(cause.message.split("\n", 1)[0]?.replace("Invalid TOML document: ", "") ?? "");
    const hint = Object.hasOwn(HINTS, reason) ? `; ${HINTS[reason]}` : "";
    const frame = cause.codeblock.trimEnd().split("\n").map(printable).join("\n");
    throw new PatinaError(
      "REGISTRY_INVALID",
      `${file}:${cause.line}:${cause.column}: this is not valid TOML: ${reason}${hint}\n${frame}`,
      { file, line: cause.line, column: cause.column, cause },
    );
  }
}

function reservedProblems(document: Record<string, unknown>): Problem[] {
  const { models } = document;
  if (Array.isArray(models)) return [{ path: ["models"], message: "models must be a table, not an array" }];
  if (typeof models !== "object" || models === null) return [];
  return Object.keys(models)
    .filter((key) => RESERVED.has(key))
    .map((key) => ({ path: ["models", key], message: `"${key}" cannot be the key of a model` }));
}
