import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PatinaError } from "@patina/core";
import { stringify } from "yaml";
import { parseRecipe } from "./parse.ts";
import type { Recipe } from "./recipe.ts";

/** Where a project keeps its recipe, below its root. */
export const RECIPE_PATH = ".patina/oxidize.yaml";

/**
 * Reads and checks the recipe at `file`.
 *
 * @throws RECIPE_INVALID for what the file says, IO where there is none or it cannot be read.
 */
export async function loadRecipe(file: string): Promise<Recipe> {
  return parseRecipe(await readRecipeText(file), file);
}

/** The text of a recipe; bytes that are not UTF-8 are an error and not a question mark. */
export async function readRecipeText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const message = missing
      ? `there is no recipe at ${file}; \`patina oxidize\` writes one when it is first run in a project`
      : `the recipe ${file} cannot be read: ${(cause as Error).message}`;
    throw new PatinaError("IO", message, { file, cause });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PatinaError("RECIPE_INVALID", `${file}: the file is not UTF-8; save it as UTF-8`, {
      file,
      cause,
    });
  }
}

/**
 * Writes a commented recipe with every source on and every default spelled out, at {@link RECIPE_PATH}
 * below `directory`, and returns its path. A recipe that is there already is never touched.
 *
 * @throws IO where there is a recipe already, or the folder cannot be written.
 */
export async function writeDefaultRecipe(directory: string, modelKey: string): Promise<string> {
  const file = join(directory, RECIPE_PATH);
  const text = defaultRecipe(modelKey);
  parseRecipe(text, file);
  await mkdir(dirname(file), { recursive: true });
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, "wx");
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    const message = exists
      ? `there is a recipe at ${file} already; edit it, or remove it to begin anew`
      : `the recipe ${file} cannot be written: ${(cause as Error).message}`;
    throw new PatinaError("IO", message, { file, cause });
  }
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  return file;
}

/** Replaces a recipe's text in one step, so that a reader meets the old one or the new one. */
export async function replaceRecipeText(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    const message = `the recipe ${file} cannot be written: ${(cause as Error).message}`;
    throw new PatinaError("IO", message, { file, cause });
  }
}

function defaultRecipe(modelKey: string): string {
  return `# What of this repository is searchable, and by which model. \`patina oxidize\` reads this file.
version: 2

# A model of \`patina model list\`. Another model means that everything is embedded again.
embedding_model: ${stringify(modelKey).trimEnd()}
runtime: auto      # auto, onnx or mlx
variant: auto      # or one the model has, such as fp32 or int8
variant_tolerance: null    # what auto may lose: 1 - mean cosine with float32 (\`patina doctor\` shows it)
dimension: null    # fewer numbers per vector, for models trained to be cut

# Only files that git tracks are read; .patinaignore, generated files, binaries and secrets stay out by themselves.
sources:
  code:
    include: ["**/*"]
    exclude: []
  commits:
    since: null    # a date such as 2024-05-01 leaves older commits out
  notes:           # Markdown; second-level headings are passages, a front-matter date is the time
    include: ["layer/**/*.md", "docs/**/*.md"]
  pairs:           # questions with their answers, one a line: {"query": "...", "text": "..."}
    files: [".patina/pairs.jsonl"]

# What each list counts for in a search; null takes the default, { full-text: 1, vectors: 1, history: 0.5 }. History is
# commits: those that the two other lists find vote for the files they touched. 0 leaves a list out.
search:
  weights: null
`;
}
