import { PatinaError } from "@patina/core";
import type { RawModel } from "../schema.ts";
import {
  contradiction,
  GIVEN,
  type ImportAnswers,
  type Known,
  type MissingAnswer,
  Questions,
} from "./questions.ts";
import { readConfig } from "./read-config.ts";
import { readLicence } from "./read-licence.ts";
import { readLimit } from "./read-limit.ts";
import { readModules } from "./read-modules.ts";
import { readPrompts } from "./read-prompts.ts";
import type { ImportSource } from "./source.ts";
import { readFiles } from "./weights.ts";

/** A fact of the new entry, for people, and where it was read. */
export interface ImportedFact {
  readonly key: keyof RawModel;
  readonly value: string;
  /** A file of the model, or `given`. */
  readonly from: string;
}

/** A model as it was read. */
export interface ReadModel {
  readonly model: RawModel;
  readonly facts: readonly ImportedFact[];
  readonly unusedPrompts: readonly string[];
}

/** Has a person answer what is missing; what is left out of the answers stays missing. */
export type AskMissing = (missing: readonly MissingAnswer[]) => Promise<ImportAnswers>;

/**
 * Reads a model from the files that sentence-transformers lays out; `ask` is called once, if anything is missing.
 *
 * @throws PatinaError `UNSUPPORTED` for what the engines do not compute, `INVALID_INPUT` with all flags that are missing.
 */
export async function readModel(
  source: ImportSource,
  answers: ImportAnswers,
  ask?: AskMissing,
): Promise<ReadModel> {
  const config = await readConfig(source);
  const modules = await readModules(source, config.dimension);
  const prompts = await readPrompts(source);
  const open =
    prompts.byDefault === undefined
      ? undefined
      : `${JSON.stringify(`${prompts.byDefault}{text}`)}, as encode of sentence-transformers has it by default, or ` +
        "{text} alone, as its encode_query and encode_document have it";
  const questions = new Questions();
  const pooling = questions.settle(
    agreed("--pooling", answers.pooling, modules.pooling),
    modules.pooling,
    "mean",
    "--pooling mean|cls|last",
    "how token vectors become one: no 1_Pooling/config.json",
  );
  const normalize = questions.settle(
    agreed("--normalize", answers.normalize, modules.normalize),
    modules.normalize,
    true,
    "--normalize true|false",
    "whether vectors have unit length: no modules.json",
  );
  const maxTokens = questions.settle(
    answers.maxTokens,
    await readLimit(source, config.positions),
    1,
    "--max-tokens N",
    "tokens a text may have",
  );
  const license = questions.settle(
    answers.license,
    await readLicence(source),
    "none",
    "--license ID",
    "such as MIT or Apache-2.0: no README.md names it",
  );
  const query = questions.settle(
    answers.queryTemplate,
    prompts.query,
    "{text}",
    "--query-template TEXT",
    open ?? 'such as "query: {text}"; {text} alone for none',
  );
  const passage = questions.settle(
    answers.passageTemplate,
    prompts.passage,
    "{text}",
    "--passage-template TEXT",
    open === undefined ? "the same for passages: it declares no prompts" : "the same for passages",
  );
  if (ask !== undefined && questions.missing.length > 0) {
    return readModel(source, { ...answers, ...(await ask(questions.missing)) });
  }
  questions.close(source.label);
  // Rotary positions are computed, so none of them can be missing.
  const table = config.learnsPositions ? config.positions : undefined;
  if (table !== undefined && maxTokens.value > table) {
    const message =
      `${maxTokens.from} says ${maxTokens.value} tokens, and the model has positions for ${table} ` +
      `(config.json); say which with --max-tokens ${table}`;
    throw new PatinaError("INVALID_INPUT", message, { file: "config.json", key: "max_tokens" });
  }
  const name = answers.name === undefined ? { value: source.name, from: "by default" } : given(answers.name);
  const model: RawModel = {
    name: name.value,
    description: `Imported from ${source.title}.`,
    license: license.value,
    architecture: config.architecture,
    dimension: config.dimension,
    ...(answers.minDimension === undefined ? {} : { min_dimension: answers.minDimension }),
    max_tokens: maxTokens.value,
    pooling: pooling.value,
    normalize: normalize.value,
    ...(query.value === "{text}" ? {} : { query_template: query.value }),
    ...(passage.value === "{text}" ? {} : { passage_template: passage.value }),
    ...(answers.defaultTask === undefined ? {} : { default_task: answers.defaultTask }),
    ...(await readFiles(source, config, answers.numerics ?? {})),
  };
  const config_ = (value: string | number): Known<string | number> => ({ value, from: "config.json" });
  const facts: [keyof RawModel, Known<string | number | boolean> | undefined][] = [
    ["name", name],
    ["license", license],
    ["architecture", config_(config.architecture)],
    ["dimension", config_(config.dimension)],
    ["min_dimension", given(answers.minDimension)],
    ["max_tokens", maxTokens],
    ["pooling", pooling],
    ["normalize", normalize],
    ["query_template", query],
    ["passage_template", passage],
    ["default_task", given(answers.defaultTask)],
  ];
  return {
    model,
    facts: facts.flatMap(([key, fact]) =>
      fact === undefined ? [] : [{ key, value: String(fact.value), from: fact.from }],
    ),
    unusedPrompts: prompts.unused,
  };
}

function given<T>(value: T): T extends undefined ? undefined : Known<T> {
  const known = value === undefined ? undefined : { value, from: GIVEN };
  return known as T extends undefined ? undefined : Known<T>;
}

/** An answer that no file contradicts. */
function agreed<T>(flag: string, answer: T | undefined, found: Known<T> | undefined): T | undefined {
  if (answer !== undefined && found !== undefined && answer !== found.value) {
    throw contradiction(flag, answer, found.from, found.value);
  }
  return answer;
}
