/** Labelled retrieval sets in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By query, the documents that people judged and how relevant they found them. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Queries with their judgements. */
export interface LabelledQueries {
  /** By id. */
  readonly texts: ReadonlyMap<string, string>;
  readonly judgements: Judgements;
}

/** A set as it is measured: weights are chosen on `validation` and reported on `test`. */
export interface LabelledSet {
  readonly name: string;
  /** Title and text, by document. */
  readonly documents: ReadonlyMap<string, { readonly title: string; readonly text: string }>;
  readonly validation: LabelledQueries;
  readonly test: LabelledQueries;
  /** The test queries as they were published, for a comparison with others' figures. */
  readonly published: LabelledQueries;
}

interface Line {
  readonly _id: string;
  readonly title?: string;
  readonly text: string;
}

/** Reads a set. Where it has no `dev` split, its test queries are halved by their ids' hashes. */
export function readSet(folder: string, name: string): LabelledSet {
  const place = join(folder, name);
  const documents = new Map(
    lines(join(place, "corpus.jsonl")).map(({ _id, title = "", text }) => [_id, { title, text }]),
  );
  const texts = new Map(lines(join(place, "queries.jsonl")).map(({ _id, text }) => [_id, text]));
  const read = (split: string): LabelledQueries => {
    const file = join(place, `qrels/${split}.tsv`);
    return labelled(parseJudgements(readFileSync(file, "utf8"), file), texts);
  };
  const test = read("test");
  if (!existsSync(join(place, "qrels/dev.tsv"))) return { name, documents, ...halves(test), published: test };
  return { name, documents, validation: read("dev"), test, published: test };
}

/** Judgements as BEIR writes them: a header, then `query TAB document TAB grade` a line. `file` is named in errors. */
export function parseJudgements(text: string, file: string): Judgements {
  const judgements = new Map<string, Map<string, number>>();
  for (const [index, line] of text.split("\n").entries()) {
    if (index === 0 || line.trim() === "") continue;
    const [query = "", document = "", grade = "", ...rest] = line.trimEnd().split("\t");
    const value = Number(grade);
    if (query === "" || document === "" || grade === "" || rest.length > 0 || !Number.isInteger(value)) {
      throw new Error(
        `${file}:${index + 1} is no line of judgements (query, document, whole number): ${line}`,
      );
    }
    const documents = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, documents.set(document, value));
  }
  return judgements;
}

/** Two halves that anybody splits alike: by the lowest bit of the ids' CRC-32. */
export function halves({ texts, judgements }: LabelledQueries): {
  validation: LabelledQueries;
  test: LabelledQueries;
} {
  const half = (bit: number): LabelledQueries => {
    const chosen = [...judgements].filter(([query]) => (Bun.hash.crc32(query) & 1) === bit);
    return labelled(new Map(chosen), texts);
  };
  return { validation: half(0), test: half(1) };
}

function labelled(judgements: Judgements, all: ReadonlyMap<string, string>): LabelledQueries {
  const texts = new Map<string, string>();
  for (const query of judgements.keys()) {
    const text = all.get(query);
    if (text === undefined) throw new Error(`the query ${query} is judged and has no text`);
    texts.set(query, text);
  }
  return { texts, judgements };
}

function lines(file: string): Line[] {
  const all = readFileSync(file, "utf8").split("\n");
  return all.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}
