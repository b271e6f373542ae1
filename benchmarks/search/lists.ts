/** What the search's two lists find for queries, through the library's public doors. */
import { mkdirSync } from "node:fs";
import type { EmbeddingEngine } from "@patina/core";
import {
  indexPassages,
  type ListName,
  openIndex,
  type Passage,
  type PassageKind,
  type SearchResult,
} from "@patina/projections";
import { INDEXED_MODEL } from "./model.ts";
import type { Found } from "./rankings.ts";

/** Passages a list is asked for: enough that the first hundred documents are among them, however they are cut. */
const PASSAGES = 1_000;

/** By query, the passages of each list, best first. */
export type Lists = ReadonlyMap<string, Readonly<Record<ListName, readonly Found[]>>>;

/** What {@link listsOf} needs. */
export interface ListRequest {
  readonly engine: EmbeddingEngine;
  /** Folder of the index and its cache of embeddings, which a later run finds again. */
  readonly root: string;
  readonly passages: AsyncIterable<Passage> | Iterable<Passage>;
  /** Texts by query. */
  readonly queries: ReadonlyMap<string, string>;
  readonly kinds: readonly PassageKind[];
  /** Names the document a result is of; what it names none for is left out. */
  readonly documentOf: (result: SearchResult) => string | null;
}

/** Indexes passages and asks each list alone for every query. */
export async function listsOf(request: ListRequest): Promise<Lists> {
  const { engine, root, passages, queries, kinds, documentOf } = request;
  mkdirSync(root, { recursive: true });
  await indexPassages({ root, passages, engine, model: INDEXED_MODEL, recipeDigest: "0".repeat(64) });
  using index = await openIndex(root);
  const found = new Map<string, Readonly<Record<ListName, readonly Found[]>>>();
  const options = { engine, kinds, limit: PASSAGES };
  const only = async (query: string, list: ListName): Promise<Found[]> => {
    const weights = { "full-text": 0, vectors: 0, [list]: 1 };
    const results = await index.search(query, { ...options, weights });
    return results.flatMap((result) => {
      const document = documentOf(result);
      return document === null ? [] : [{ document, score: result.why[0]?.score ?? 0 }];
    });
  };
  for (const [id, text] of queries) {
    found.set(id, { "full-text": await only(text, "full-text"), vectors: await only(text, "vectors") });
  }
  return found;
}
