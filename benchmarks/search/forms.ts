/** Which form of a file's passages is found best: tried on the repositories' histories. */
import type { EmbeddingEngine } from "@patina/core";
import { type Difference, differenceOf, type Scored } from "./figures.ts";
import { type Form, type HistoryTask, historyTask, type Repository } from "./history-task.ts";
import { FULL_TEXT, type Half, search, VECTORS, type Way } from "./ways.ts";

/** What is tried, by name; the library's default first. */
const FORMS: Readonly<Record<string, Form>> = {
  "path and symbols (the default)": {},
  "path alone": { form: "path" },
  "words of the path, symbols": { form: "words" },
  "symbols alone": { form: "symbol" },
  "no header": { form: "bare" },
  "one definition a passage": { merge: false },
  "at most 128 tokens": { tokens: 128 },
};

/** nDCG@10 of a form on a repository. */
export interface FormFigures {
  readonly form: string;
  readonly repository: string;
  readonly passages: number;
  readonly validation: Readonly<Record<"fullText" | "vectors" | "chosen", number>>;
  readonly test: Readonly<Record<"fullText" | "vectors" | "chosen", number>>;
  /** Over all queries, less the default form, in the chosen way. */
  readonly lessDefault: Difference;
}

/** Tries the forms, each on every repository; a file is ranked by its best passage. */
export async function tryForms(
  engine: EmbeddingEngine,
  repositories: readonly Repository[],
  chosen: Way,
  say: (message: string) => void,
): Promise<FormFigures[]> {
  const figures: FormFigures[] = [];
  for (const repository of repositories) {
    let usual: Scored | null = null;
    for (const [name, form] of Object.entries(FORMS)) {
      say(`form “${name}” of ${repository.name}`);
      const task = await historyTask(engine, repository, form, [chosen.passagesPerDocument]);
      const all = await onAll(task, chosen);
      usual ??= all;
      figures.push({
        form: name,
        repository: repository.name,
        passages: task.passages,
        validation: await means(task, chosen, "validation"),
        test: await means(task, chosen, "test"),
        lessDefault: await differenceOf(all, usual),
      });
    }
  }
  return figures;
}

async function means(task: HistoryTask, chosen: Way, half: Half): Promise<FormFigures["test"]> {
  const mean = async (way: Way) => (await search(task, way, half)).means[0] ?? 0;
  return { fullText: await mean(FULL_TEXT), vectors: await mean(VECTORS), chosen: await mean(chosen) };
}

/** Both halves: a form is not chosen on one of them, so there is none to keep apart. */
function onAll(task: HistoryTask, way: Way): Promise<Scored> {
  return search({ ...task, test: new Map([...task.validation, ...task.test]) }, way, "test");
}
