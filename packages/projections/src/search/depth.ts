import type { Hit } from "./lists.ts";
import { type RankedDocument, rankDocuments } from "./rank-documents.ts";
import type { StoredPassages } from "./stored-passages.ts";

/** Passages that a list is asked for at first: this many, or this many for each result if that is more. */
const PASSAGES = { least: 200, perResult: 8 };

/** Documents of each list that take part in the fusion, where it has so many: as {@link PASSAGES}. */
const DOCUMENTS = { least: 50, perResult: 2 };

/** How much more is asked for where one document had too many of the places. */
const DEEPER = 4;

/** What {@link deepEnough} needs to know. */
export interface DepthOptions {
  readonly stored: StoredPassages;
  /** Results that the search is to give. */
  readonly documents: number;
  readonly passagesPerDocument: number;
}

/** Asks a list for passages until they come from enough documents, or there are no more. */
export function deepEnough(find: (depth: number) => Hit[], options: DepthOptions): RankedDocument[] {
  const { stored, documents: results, passagesPerDocument } = options;
  const wanted = Math.max(DOCUMENTS.least, results * DOCUMENTS.perResult);
  for (let depth = Math.max(PASSAGES.least, results * PASSAGES.perResult); ; depth *= DEEPER) {
    const hits = find(depth);
    const documents = rankDocuments(stored.place(hits), passagesPerDocument);
    if (documents.length >= wanted || hits.length < depth) return documents;
  }
}
