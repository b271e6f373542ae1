import { PatinaError } from "@patina/core";
import { isMap, isScalar, type Node, stringify } from "yaml";
import { readRecipeText, replaceRecipeText } from "./file.ts";
import { parseRecipeDocument } from "./parse.ts";
import { pairOf } from "./position.ts";

/** What the tool changes in a recipe; a key that is left out stays as it is. */
export interface RecipeEdits {
  readonly embeddingModel?: string;
  readonly runtime?: "auto" | "onnx" | "mlx";
  readonly variant?: string;
  readonly variantTolerance?: number | null;
  readonly dimension?: number | null;
}

/** The keys of {@link RecipeEdits} as the file spells them. */
export const FILE_KEYS = {
  embeddingModel: "embedding_model",
  runtime: "runtime",
  variant: "variant",
  variantTolerance: "variant_tolerance",
  dimension: "dimension",
} as const;

/** Names another model in the recipe at `file`; see {@link editRecipe}. */
export async function setRecipeModel(file: string, modelKey: string): Promise<void> {
  await editRecipe(file, { embeddingModel: modelKey });
}

/**
 * Changes values of the recipe at `file` and nothing else: comments, order, spaces and quotes around them
 * stay as their author wrote them.
 *
 * @throws RECIPE_INVALID where the recipe is, or with the edits would be, one that cannot be used; the file
 * is then left alone.
 */
export async function editRecipe(file: string, edits: RecipeEdits): Promise<void> {
  const before = await readRecipeText(file);
  const after = editRecipeText(before, edits, file);
  if (after !== before) await replaceRecipeText(file, after);
}

/** {@link editRecipe} on a text; `file` is only named in errors. */
export function editRecipeText(text: string, edits: RecipeEdits, file: string): string {
  let edited = text;
  for (const [name, key] of Object.entries(FILE_KEYS)) {
    const value = edits[name as keyof RecipeEdits];
    if (value !== undefined) edited = setKey(edited, key, value, file);
  }
  return edited;
}

function setKey(text: string, key: string, value: string | number | null, file: string): string {
  const { document } = parseRecipeDocument(text, file);
  const root = document.contents;
  if (!isMap(root))
    throw new PatinaError("INTERNAL", `a recipe that was checked is no map: ${file}`, { file });
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  const node = pairOf(root.items, key)?.value as Node | undefined;
  let edited: string;
  if (isScalar(node) && node.range) {
    edited = text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
  } else {
    // Optional keys may be absent; the one key that is always there shows where and how far in they go.
    const anchor = pairOf(root.items, "embedding_model");
    const start = (anchor?.key as Node | undefined)?.range?.[0] ?? 0;
    const end = (anchor?.value as Node | undefined)?.range?.[1] ?? start;
    if (root.flow) {
      edited = `${text.slice(0, end)}, ${key}: ${written}${text.slice(end)}`;
    } else {
      const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
      const newline = text.indexOf("\n", end);
      const at = newline === -1 ? text.length : newline;
      edited = `${text.slice(0, at)}\n${indent}${key}: ${written}${text.slice(at)}`;
    }
  }
  const result = parseRecipeDocument(edited, file).value as unknown as Record<string, unknown>;
  if (result[key] !== value) {
    const message = `${file}: "${key}" cannot be changed without moving other text; set it to ${written} by hand`;
    throw new PatinaError("RECIPE_INVALID", message, { file, key });
  }
  return edited;
}
