/** What the search's two lists find for queries, through the library's public doors. */
import { mkdirSync } from "node:fs";
import type { EmbeddingEngine } from "@patina/core";
import { indexDocuments, openIndex, type PassageKind, type SourceDocument } from "@patina/projections";
import { INDEXED_MODEL } from "./model.ts";
import type { Ranking } from "./rankings.ts";

/** Documents asked of each list; no metric here looks deeper than 10, and a document that only one list has low down is lost either way. */
const DOCUMENTS = 100;

/** The lists, in the order in which they are told. */
export const LISTS = ["full-text", "vectors"] as const;

/** By query, the documents of each list, best first. */
export type Lists = ReadonlyMap<string, Readonly<Record<(typeof LISTS)[number], Ranking>>>;

/** Where to ask. */
export interface Place {
  readonly engine: EmbeddingEngine;
  /** Folder of the index and of its cache of embeddings, which a later run finds again. */
  readonly root: string;
}

/** What to ask. */
export interface Asked {
  /** Texts by query. */
  readonly queries: ReadonlyMap<string, string>;
  readonly kinds: readonly PassageKind[];
  /** How many of a document's best passages a list adds up. */
  readonly passagesPerDocument: number;
}

/**
 * Indexes documents in place of what was indexed there before, whole: no passage keeps the vector that it had in another
 * form. `cutting` names how they were cut. Gives the number of passages.
 */
export async function index(
  { engine, root }: Place,
  documents: Iterable<SourceDocument>,
  cutting: string,
): Promise<number> {
  mkdirSync(root, { recursive: true });
  const made = { engine, model: INDEXED_MODEL, recipeDigest: "0".repeat(64), cutting };
  const { report } = await indexDocuments({ ...made, root, documents, full: true });
  return report.passages;
}

/** Asks each list of the index alone for every query. A document is a path or a commit. */
export async function ask({ engine, root }: Place, asked: Asked): Promise<Lists> {
  const { queries, kinds, passagesPerDocument } = asked;
  using opened = await openIndex(root);
  const options = { engine, filters: { kinds }, limit: DOCUMENTS, passagesPerDocument };
  const only = async (query: string, list: (typeof LISTS)[number]): Promise<Ranking> => {
    const weights = { "full-text": 0, vectors: 0, history: 0, [list]: 1 };
    const results = await opened.search(query, { ...options, weights });
    // Copies of a text are told once; to a judge each is a document of its own.
    return results.flatMap(({ path, commit, alsoIn }) => [path ?? commit ?? "", ...alsoIn]);
  };
  const found = new Map<string, Readonly<Record<(typeof LISTS)[number], Ranking>>>();
  for (const [id, text] of queries) {
    found.set(id, { "full-text": await only(text, "full-text"), vectors: await only(text, "vectors") });
  }
  return found;
}
