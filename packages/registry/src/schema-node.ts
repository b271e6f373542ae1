import { REGISTRY } from "./schema.ts";
import type { PathStep } from "./toml-position.ts";

/** A part of a valibot schema, as far as it is walked. */
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
function schemaAt(path: readonly PathStep[], document: unknown, chooses = true): SchemaNode | undefined {
  let node: SchemaNode | undefined = REGISTRY as unknown as SchemaNode;
  let value = document;
  for (const step of path) {
    node = chosen(node, value);
    node = node?.entries ? node.entries[step] : (node?.item ?? node?.value);
    value = (value as Record<PathStep, unknown> | undefined)?.[step];
  }
  return chooses ? chosen(node, value) : (node?.wrapped ?? node);
}

function chosen(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  const inner = node?.wrapped ?? node;
  if (inner?.type !== "variant") return inner;
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  const options = (inner.options ?? []) as readonly SchemaNode[];
  return options.find((option) => option.entries?.kind?.literal === kind);
}

/** The keys that a table at `path` may have; none where the schema does not list them. */
export function knownKeys(path: readonly PathStep[], document: unknown): string[] {
  return Object.keys(schemaAt(path, document)?.entries ?? {});
}

/** What the value at `path` may be, where that can be counted. */
export function choicesAt(path: readonly PathStep[], document: unknown): string[] {
  const options = schemaAt(path, document)?.options ?? [];
  return options.filter((option): option is string => typeof option === "string");
}

/** What the key that tells kinds of a table apart may be, where the table at `path` is of several kinds. */
export function kindsAt(path: readonly PathStep[], document: unknown): string[] {
  const node = schemaAt(path, document, false);
  const options = (node?.type === "variant" ? node.options : undefined) ?? [];
  return (options as readonly SchemaNode[]).map((option) => String(option.entries?.kind?.literal));
}
