/** A labelled set, indexed and asked. */
import type { EmbeddingEngine } from "@patina/core";
import { figuresOf, type Mean, score } from "./figures.ts";
import { ask, index } from "./lists.ts";
import { FOLDER } from "./places.ts";
import { setDocuments } from "./set-documents.ts";
import type { LabelledSet } from "./sets.ts";
import { rankingOf, type Task, VECTORS } from "./ways.ts";

/** A set as it was asked. */
export interface SetTask extends Task {
  readonly documents: number;
  /** nDCG@10 of vectors alone on the test queries as they were published. */
  readonly published: Mean;
}

/** Indexes a set's documents, each as one passage, and asks both lists for all its queries. */
export async function setTask(engine: EmbeddingEngine, set: LabelledSet): Promise<SetTask> {
  const { name, documents, validation, test, published } = set;
  const place = { engine, root: `${FOLDER}/${name}` };
  await index(place, setDocuments(set), "whole");
  const queries = new Map([...validation.texts, ...test.texts]);
  const asked = { queries, kinds: ["note"] as const, passagesPerDocument: VECTORS.passagesPerDocument };
  const lists = new Map([[asked.passagesPerDocument, await ask(place, asked)]]);
  const onPublished = await score(published.judgements, (query) => rankingOf({ lists }, VECTORS, query));
  return {
    name,
    lists,
    validation: validation.judgements,
    test: test.judgements,
    documents: documents.size,
    published: (await figuresOf(onPublished)).ndcg,
  };
}
