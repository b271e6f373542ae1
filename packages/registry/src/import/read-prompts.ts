import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Known } from "./questions.ts";
import { type ImportSource, readJson } from "./source.ts";

/** Templates out of a model's prompts; none where its authors declared none, or a default one alone. */
export interface PromptTemplates {
  readonly query?: Known<string>;
  readonly passage?: Known<string>;
  /** The default prompt, which may be meant for a side that has none of its own. */
  readonly byDefault?: string;
  /** Prompts that are for neither a query nor a passage. */
  readonly unused: readonly string[];
}

const FILE = "config_sentence_transformers.json";
const PROMPTS = v.object({
  prompts: v.optional(
    v.pipe(
      v.unknown(),
      // A list is an object too, with its places as keys.
      v.check((value) => !Array.isArray(value), "Invalid type: Expected Object but received Array"),
      v.record(v.string(), v.string()),
    ),
  ),
  default_prompt_name: v.nullish(v.string()),
});

/** The names under which sentence-transformers looks, in its order (`encode_query`, `encode_document`). */
const NAMES = { query: ["query"], passage: ["document", "passage", "corpus"] } as const;

/** Prompts that sentence-transformers gives every model, empty where a file has none, and writes out with it. */
const ALWAYS_THERE: readonly string[] = ["query", "document"];

/**
 * Reads the prompts, each put in front of the text. A side's is the first under its names that is not empty. The default
 * prompt is for `encode`, which knows no sides; `encode_query` and `encode_document` pass it over, so a side that has no
 * other is open. An empty list says nothing, for sentence-transformers writes it for every model: E5 has one, and needs
 * its prefixes.
 */
export async function readPrompts(source: ImportSource): Promise<PromptTemplates> {
  const { prompts = {}, default_prompt_name: byDefault } = (await readJson(source, FILE, PROMPTS)) ?? {};
  if (byDefault != null && !Object.hasOwn(prompts, byDefault) && !ALWAYS_THERE.includes(byDefault)) {
    const message = `${FILE} of ${source.label} has the default_prompt_name ${JSON.stringify(byDefault)}, and no such prompt`;
    throw new PatinaError("INVALID_INPUT", message, { file: FILE, key: "default_prompt_name" });
  }
  const stated = new Map(Object.entries(prompts).filter(([, prompt]) => prompt !== ""));
  const nameOf = (wanted: readonly string[]): string | undefined => wanted.find((name) => stated.has(name));
  const [query, passage] = [nameOf(NAMES.query), nameOf(NAMES.passage)];
  const common = byDefault == null ? undefined : stated.get(byDefault);
  const templates = {
    ...(common === undefined ? {} : { byDefault: common }),
    unused: [...stated.keys()].filter((name) => name !== query && name !== passage),
  };
  if (query === undefined && passage === undefined) return templates;
  // A model that has a prompt for one side takes the other one's texts as they are.
  const template = (name: string | undefined): Known<string> | undefined => {
    if (name === undefined && common !== undefined) return undefined;
    return { value: `${name === undefined ? "" : stated.get(name)}{text}`, from: FILE };
  };
  const [forQuery, forPassage] = [template(query), template(passage)];
  return {
    ...templates,
    ...(forQuery === undefined ? {} : { query: forQuery }),
    ...(forPassage === undefined ? {} : { passage: forPassage }),
  };
}
