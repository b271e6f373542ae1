import { nearest, PatinaError } from "@patina/core";
import * as v from "valibot";
import { parseMoment } from "../recipe/schema.ts";
import { digestOf } from "./digest.ts";

/** A question and the text that answers it, as a line of a file of pairs has them. */
export interface Pair {
  /** As given, else the beginning of a digest of question and answer: unique within its file. */
  readonly id: string;
  /** From 1. */
  readonly line: number;
  readonly query: string;
  readonly text: string;
  /** A path of the repository that it is about; null where it says none. */
  readonly path: string | null;
  /** Unix seconds; null where it says none. */
  readonly time: number | null;
}

/** At most this many bad lines are listed: whoever wrote one wrote them all alike. */
const MAX_PROBLEMS = 10;

const filled = (what: string) => v.pipe(v.string(what), v.regex(/\S/, what));
const TIME = 'must be a date such as "2024-05-01", or seconds since 1970';

const schema = v.strictObject({
  query: filled("must be a text: what someone asks"),
  text: filled("must be a text: what answers it"),
  path: v.optional(filled("must be a path of the repository")),
  time: v.optional(
    v.union(
      [v.pipe(v.number(), v.safeInteger(TIME)), v.pipe(v.string(), v.transform(parseMoment), v.number())],
      TIME,
    ),
  ),
  id: v.optional(
    v.pipe(
      v.string("must be a text of its own for each line"),
      v.regex(/^[^\s\p{Cc}]{1,200}$/u, "must be at most 200 characters without spaces"),
    ),
  ),
});

const EXPECTED = '{"query": "...", "text": "..."} with, if you like, "path", "time" and "id"';

/**
 * Reads a file of pairs: JSON, one a line; blank lines are passed over.
 *
 * @throws INVALID_INPUT that lists every bad line with what is expected of it, at most ten of them
 */
export function parsePairs(text: string, file: string): Pair[] {
  const pairs: Pair[] = [];
  const problems: { readonly line: number; readonly what: string }[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = index + 1;
    const pair = parsePair(content, line);
    const other = typeof pair === "string" ? undefined : lineOf.get(pair.id);
    if (typeof pair === "string") problems.push({ line, what: pair });
    else if (other !== undefined)
      problems.push({ line, what: `is line ${other} again; each needs an "id" of its own` });
    else {
      lineOf.set(pair.id, line);
      pairs.push(pair);
    }
  }
  const [first] = problems;
  if (first === undefined) return pairs;
  const listed = problems.slice(0, MAX_PROBLEMS).map(({ line, what }) => `${file}:${line}: ${what}`);
  const more = problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more`] : [];
  const message = [...listed, ...more, `each line has to be ${EXPECTED}`].join("\n");
  throw new PatinaError("INVALID_INPUT", message, { file, line: first.line });
}

/** The pair of a line, or what is wrong with it. */
function parsePair(content: string, line: number): Pair | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return `is no JSON (${(error as Error).message})`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "must be an object";
  const result = v.safeParse(schema, value);
  if (!result.success) {
    // A misspelt key is also a missing one: what to correct comes before what follows from it.
    const unknown = result.issues.find(
      ({ type, expected }) => type === "strict_object" && expected === "never",
    );
    return problemOf(unknown ?? result.issues[0]);
  }
  const { query, text, path = null, time = null } = result.output;
  const { id = digestOf([query, text, path]).slice(0, 12) } = result.output;
  return { id, line, query, text, path, time };
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.[0]?.key;
  if (issue.type !== "strict_object") return `"${String(key)}" ${issue.message}`;
  if (issue.received === "undefined") return `"${String(key)}" is missing`;
  const near = nearest(String(key), Object.keys(schema.entries));
  return `unknown key ${JSON.stringify(key)}${near === undefined ? "" : `; did you mean "${near}"?`}`;
}
