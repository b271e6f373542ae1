import { PatinaError } from "@patina/core";
import type { PassageKind } from "../sources/passage.ts";
import { answerOf, type SearchAnswer } from "./answer.ts";
import type { FilteredRows } from "./filtered-rows.ts";
import type { RankedList } from "./fusion.ts";
import type { IndexParts } from "./index-parts.ts";
import type { Hit, ListName } from "./lists.ts";
import { nearFile } from "./near-file.ts";
import { checkedOptions, type RelatedOptions } from "./options.ts";
import { rankDocuments } from "./rank-documents.ts";
import { Stopwatch } from "./stopwatch.ts";
import { checkedWeights, RELATED_WEIGHTS } from "./weights.ts";

/** What may speak of a file. */
const SPEAKERS: readonly PassageKind[] = ["commit", "note", "pair"];

/** Places of the lists of paths and mentions that take part. */
const DEPTH = { least: 50, perResult: 4 };

/**
 * What belongs with a file: documents near to its passages, files that were changed together with it, commits and notes
 * that name it.
 */
export function answerFile(parts: IndexParts, path: string, options: RelatedOptions): SearchAnswer {
  const { limit, k } = checkedOptions(path, options);
  const { fullText, vectors, coChange, stored, filter } = parts;
  const weights = checkedWeights(options.weights ?? RELATED_WEIGHTS);
  const watch = new Stopwatch();
  const own = stored.ofPath(path).map(({ row }) => row);
  const together = coChange.find(path);
  if (own.length === 0 && together.length === 0) throw unknownFile(path);
  const { filters = {} } = options;
  const rows = filter.without(filter.find(filters), own);
  watch.lap("filters");
  const depth = Math.max(DEPTH.least, limit * DEPTH.perResult);
  const lists: RankedList[] = [];
  const add = (list: ListName, hits: readonly Hit[]): void => {
    lists.push({ list, documents: rankDocuments(stored.place(hits), 1) });
    watch.lap(list);
  };
  const near = weights.vectors > 0 && own.length > 0 ? nearFile(own, rows.allowed, vectors, stored) : [];
  if (weights.vectors > 0) add("vectors", near.slice(0, depth));
  if (weights["co-change"] > 0) add("co-change", together.flatMap(rowOf).slice(0, depth));
  if (weights.mentions > 0) {
    const kinds = SPEAKERS.filter((kind) => filters.kinds?.includes(kind) ?? true);
    const name = path.slice(path.lastIndexOf("/") + 1);
    // A name that several files have speaks of none of them.
    const phrases = stored.sharesName(path) ? [path] : [...new Set([path, name])];
    const speakers = (): FilteredRows => filter.without(filter.find({ ...filters, kinds }), own);
    add("mentions", kinds.length === 0 ? [] : fullText.findPhrases(phrases, speakers(), depth));
  }
  return answerOf(parts, watch, {
    ...{ query: `file ${path}`, lists, weights, k, limit },
    weightsFrom: options.weights === undefined ? "default" : "options",
    words: null,
    truncated: false,
    filtered: rows.report,
  });

  /** The passage that stands for a path: the one nearest to the file, or its first. Files that are gone have none. */
  function rowOf({ path: other, score }: { readonly path: string; readonly score: number }): Hit[] {
    const theirs = stored.ofPath(other).filter(({ row }) => rows.allowed[row - 1] === 1);
    const nearest = near.find((hit) => theirs.some(({ row }) => row === hit.row));
    const row = nearest?.row ?? theirs[0]?.row;
    return row === undefined ? [] : [{ row, score }];
  }
}

function unknownFile(path: string): PatinaError {
  const what =
    `${path} is not in the index: neither has it passages, nor was it changed together with what has. ` +
    "Check the path, from the repository's root; run `patina oxidize` if the file is new, and see what the recipe leaves out";
  return new PatinaError("INVALID_INPUT", what, { key: path });
}
