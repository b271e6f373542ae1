import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Known } from "./questions.ts";
import { type ImportSource, readJson } from "./source.ts";

/** Templates out of a model's prompts; none of them where its authors declared none. */
export interface PromptTemplates {
  readonly query?: Known<string>;
  readonly passage?: Known<string>;
  /** Prompts that are for neither a query nor a passage. */
  readonly unused: readonly string[];
}

const FILE = "config_sentence_transformers.json";
const PROMPTS = v.object({
  prompts: v.optional(v.record(v.string(), v.string())),
  default_prompt_name: v.nullish(v.string()),
});

/** The names under which sentence-transformers looks, in its order (`encode_query`, `encode_document`). */
const NAMES = { query: ["query"], passage: ["document", "passage", "corpus"] } as const;

/**
 * Reads the prompts as sentence-transformers uses them: a prompt by its name, else the default one, in front of the text.
 * An empty list says nothing, for sentence-transformers writes it for every model: E5 has one, and needs its prefixes.
 */
export async function readPrompts(source: ImportSource): Promise<PromptTemplates> {
  const { prompts = {}, default_prompt_name: byDefault } = (await readJson(source, FILE, PROMPTS)) ?? {};
  if (byDefault != null && !Object.hasOwn(prompts, byDefault)) {
    const message = `${FILE} of ${source.label} has the default_prompt_name ${JSON.stringify(byDefault)}, and no such prompt`;
    throw new PatinaError("INVALID_INPUT", message, { file: FILE, key: "default_prompt_name" });
  }
  const names = Object.keys(prompts);
  // Since its version 5 sentence-transformers writes both with nothing in them, whatever the model.
  if (byDefault == null && names.every((name) => prompts[name] === "")) return { unused: [] };
  const nameOf = (wanted: readonly string[]): string | undefined =>
    wanted.find((name) => Object.hasOwn(prompts, name)) ?? byDefault ?? undefined;
  const [query, passage] = [nameOf(NAMES.query), nameOf(NAMES.passage)];
  // A model that has a prompt for one side takes the other one's texts as they are.
  const template = (name: string | undefined): Known<string> => ({
    value: `${name === undefined ? "" : prompts[name]}{text}`,
    from: FILE,
  });
  const unused = names.filter((name) => name !== query && name !== passage);
  if (query === undefined && passage === undefined) return { unused };
  return { query: template(query), passage: template(passage), unused };
}
