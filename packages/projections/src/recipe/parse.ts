import { nearest, PatinaError } from "@patina/core";
import * as v from "valibot";
import { type Document, isMap, LineCounter, parseDocument, visit } from "yaml";
import { codeFrame, offsetOf, type Position, positionAt } from "./position.ts";
import { PROJECTION_NAMES, type ProjectionRecipe, type Recipe } from "./recipe.ts";
import { parseMoment, RECIPE_SCHEMAS, type RecipeFile } from "./schema.ts";

/** A recipe is a page; what is larger is some other file, and not worth the parser's time. */
export const MAX_RECIPE_LENGTH: number = 256 * 1024;

/** At most this many problems are listed; one wrong indentation can make a hundred. */
const MAX_PROBLEMS = 5;

interface Problem {
  readonly what: string;
  readonly position: Position;
  readonly key?: string;
  readonly suggestion?: string;
  /** A key the schema does not have. */
  readonly unknown?: true;
}

/**
 * Reads a recipe. `file` is only named in errors.
 *
 * @throws RECIPE_INVALID with file, line, column, the lines in question and the nearest known key.
 */
export function parseRecipe(text: string, file: string): Recipe {
  return toRecipe(parseRecipeDocument(text, file).value);
}

/** A recipe's text as a YAML document (for edits that keep comments) and as a checked value. */
export function parseRecipeDocument(text: string, file: string): { document: Document; value: RecipeFile } {
  if (text.length > MAX_RECIPE_LENGTH) {
    const what = `the file has ${text.length} characters, a recipe at most ${MAX_RECIPE_LENGTH}`;
    throw invalid(text.slice(0, MAX_RECIPE_LENGTH), file, [{ what, position: { line: 1, column: 1 } }]);
  }
  const lines = new LineCounter();
  const document = parseYaml(text, file, lines);
  const syntax = [...document.errors, ...document.warnings].map(
    (error): Problem => ({
      what: error.message.replaceAll("\n", " "),
      position: positionAt(lines, error.pos[0]),
    }),
  );
  if (syntax.length > 0) throw invalid(text, file, syntax);

  const anchors = aliasesOf(document).map(
    (offset): Problem => ({
      what: "a recipe has no YAML aliases; write the value out",
      position: positionAt(lines, offset),
    }),
  );
  if (anchors.length > 0) throw invalid(text, file, anchors);

  if (!isMap(document.contents)) {
    const what = "a recipe is a list of keys and values, with at least `embedding_model: KEY`";
    throw invalid(text, file, [{ what, position: { line: 1, column: 1 } }]);
  }
  const raw: unknown = document.toJS();
  const schema = RECIPE_SCHEMAS[(raw as { version?: unknown }).version === 1 ? 1 : 2];
  const result = v.safeParse(schema, raw);
  if (result.success) return { document, value: result.output };
  const problems = result.issues.map((issue) => problemOf(issue, schema, document, lines));
  // A misspelt key is also a missing one: what to correct comes before what follows from it.
  throw invalid(text, file, [
    ...problems.filter((problem) => problem.unknown),
    ...problems.filter((problem) => !problem.unknown),
  ]);
}

function parseYaml(text: string, file: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      version: "1.2",
      logLevel: "error",
    });
  } catch (error) {
    // The parser recurses: thousands of opened brackets end its stack before they end the document.
    if (!(error instanceof RangeError)) throw error;
    throw invalid(text, file, [
      { what: "the values are nested too deeply", position: { line: 1, column: 1 } },
    ]);
  }
}

function problemOf(
  issue: v.BaseIssue<unknown>,
  schema: v.GenericSchema<unknown, RecipeFile>,
  document: Document,
  lines: LineCounter,
): Problem {
  const path = (issue.path ?? []).map((item) => item.key as PropertyKey);
  const name = path.map(String).join(".");
  const key = String(path.at(-1) ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known = keysAt(schema, path.slice(0, -1));
    const suggestion = nearest(key, known);
    const hint = suggestion === undefined ? `known are ${known.join(", ")}` : `did you mean "${suggestion}"?`;
    const position = positionAt(lines, offsetOf(document, path, "key"));
    return {
      what: `unknown key ${JSON.stringify(name)}; ${hint}`,
      position,
      key: name,
      unknown: true,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  }
  const position = positionAt(lines, offsetOf(document, path, "value"));
  if (issue.type === "strict_object" && issue.received === "undefined") {
    return { what: `the key "${name}" is missing`, position, key: name };
  }
  const message = issue.type === "strict_object" ? "must be a map of keys and values" : issue.message;
  const suggestion =
    issue.type === "picklist" && typeof issue.input === "string"
      ? nearest(issue.input, String(issue.expected).match(/[a-z]+/g) ?? [])
      : undefined;
  const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  return {
    what: `${JSON.stringify(name)} ${message}, not ${shown(issue.input)}${hint}`,
    position,
    key: name,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** The keys that the schema knows at `path`. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let node = schema as SchemaNode | undefined;
  for (const step of path) node = unwrapped(node)?.entries?.[String(step)];
  return Object.keys(unwrapped(node)?.entries ?? {});
}

interface SchemaNode {
  readonly entries?: Record<string, SchemaNode>;
  readonly wrapped?: SchemaNode;
}

function unwrapped(node: SchemaNode | undefined): SchemaNode | undefined {
  let current = node;
  while (current?.wrapped !== undefined) current = current.wrapped;
  return current;
}

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function aliasesOf(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias(_key, node) {
      offsets.push(node.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function invalid(text: string, file: string, problems: readonly Problem[]): PatinaError {
  const listed = problems
    .slice(0, MAX_PROBLEMS)
    .map((problem) => {
      const { line, column } = problem.position;
      return `${file}:${line}:${column}: ${problem.what}\n${codeFrame(text, problem.position)}`;
    })
    .join("\n");
  const more = problems.length > MAX_PROBLEMS ? `\n… and ${problems.length - MAX_PROBLEMS} more` : "";
  const first = problems[0];
  return new PatinaError("RECIPE_INVALID", listed + more, {
    file,
    ...(first === undefined ? {} : first.position),
    ...(first?.key === undefined ? {} : { key: first.key }),
    ...(first?.suggestion === undefined ? {} : { suggestion: first.suggestion }),
  });
}

function toRecipe(value: RecipeFile): Recipe {
  const projections: Partial<Record<(typeof PROJECTION_NAMES)[number], ProjectionRecipe>> = {};
  for (const name of PROJECTION_NAMES) {
    const head = value.projections[name];
    if (head === undefined) continue;
    const [output = 0, hidden = 0, input = null] = head.layers.toReversed();
    projections[name] = { layers: [hidden, output], input, epochs: head.epochs, batchSize: head.batch_size };
  }
  const { gate, sources } = value;
  return {
    version: value.version,
    embeddingModel: value.embedding_model,
    runtime: value.runtime,
    variant: value.variant,
    variantTolerance: value.variant_tolerance,
    dimension: value.dimension,
    sources: {
      code: sources.code,
      commits: { since: sources.commits.since === null ? null : parseMoment(sources.commits.since) },
      notes: sources.notes,
      pairs: sources.pairs,
    },
    search: value.search,
    projections,
    gate:
      gate === undefined
        ? null
        : {
            metric: gate.metric,
            margin: gate.margin,
            alpha: gate.alpha,
            accept: gate.accept,
            maxLatencyRatio: gate.max_latency_ratio,
            maxMemory: gate.max_memory,
          },
    inactive: [
      ...PROJECTION_NAMES.filter((name) => projections[name] !== undefined).map(
        (name) => `projections.${name}`,
      ),
      ...(gate === undefined ? [] : ["gate"]),
    ],
  };
}
