/** A labelled set, indexed and asked. */
import type { EmbeddingEngine } from "@patina/core";
import type { Passage } from "@patina/projections";
import { ask, index, type Lists } from "./lists.ts";
import { FOLDER } from "./places.ts";
import { wholeDocuments } from "./set-passages.ts";
import type { LabelledSet } from "./sets.ts";
import type { Task } from "./ways.ts";

/** Indexes a set's documents, whole unless `passages` cuts them, and asks both lists for all its queries. */
export async function setTask(
  engine: EmbeddingEngine,
  set: LabelledSet,
  passages: AsyncIterable<Passage> | Iterable<Passage> = wholeDocuments(set),
  perDocument: readonly number[] = [1],
): Promise<Task> {
  const place = { engine, root: `${FOLDER}/${set.name}` };
  await index(place, passages);
  const queries = new Map([...set.validation.texts, ...set.test.texts]);
  const lists = new Map<number, Lists>();
  for (const passagesPerDocument of perDocument) {
    lists.set(passagesPerDocument, await ask(place, { queries, kinds: ["note"], passagesPerDocument }));
  }
  const { name, validation, test } = set;
  return { name, lists, validation: validation.judgements, test: test.judgements };
}
