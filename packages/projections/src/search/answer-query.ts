import { answerOf, type SearchAnswer } from "./answer.ts";
import { deepEnough } from "./depth.ts";
import { type EmbeddedQuery, embedQuery } from "./embed-query.ts";
import type { FilteredRows } from "./filtered-rows.ts";
import type { RankedList } from "./fusion.ts";
import { filesByHistory, historyRows } from "./history.ts";
import type { IndexParts } from "./index-parts.ts";
import { checkedOptions, type SearchOptions } from "./options.ts";
import { type Place, placeName } from "./place-text.ts";
import { Stopwatch } from "./stopwatch.ts";
import { checkedWeights } from "./weights.ts";

/** A query: a question of somebody, or the text of a place in the repository. */
export interface Query {
  readonly text: string;
  /** Where the text is from; what is there is no answer. */
  readonly place?: Place;
}

/** A query on its way: its vector is made while the index may be closed, everything else at once. */
export interface QueryInProgress {
  finish(): SearchAnswer;
}

/** Answers a query by full-text, vectors and history, as far as the query's vector. */
export async function beginQuery(
  parts: IndexParts,
  { text, place }: Query,
  options: SearchOptions,
): Promise<QueryInProgress> {
  const { limit, passagesPerDocument, k } = checkedOptions(text, options);
  const { manifest, fullText, vectors, stored } = parts;
  const weights = checkedWeights(options.weights ?? manifest.search.weights);
  const watch = new Stopwatch();
  const { filters = {} } = options;
  const rows = rowsFor(parts, filters, place, text);
  const nothing = rows?.report?.passages === 0;
  // What is like a place is a matter of texts: commits that look like its code do not speak of it.
  const history = weights.history > 0 && place === undefined ? historyRows(parts, filters) : null;
  watch.lap("filters");
  let embedded: EmbeddedQuery | null = null;
  if (weights.vectors > 0 && !(nothing && history === null))
    embedded = await embedQuery(text, place === undefined ? "query" : "passage", manifest, options);
  watch.lap("embedding");
  const finish = (): SearchAnswer => {
    const lists: RankedList[] = [];
    const deep = { stored, documents: limit, passagesPerDocument };
    const words = weights["full-text"] > 0 ? fullText.words(text) : null;
    const byWords =
      words && ((rows: FilteredRows | null, depth: number) => fullText.find(words.sought, rows, depth));
    if (byWords !== null && !nothing)
      lists.push({ list: "full-text", documents: deepEnough((depth) => byWords(rows, depth), deep) });
    watch.lap("full-text");
    const vector = embedded?.vector;
    const byVector =
      vector && ((rows: FilteredRows | null, depth: number) => vectors.find(vector, rows?.allowed, depth));
    if (byVector !== undefined && !nothing)
      lists.push({ list: "vectors", documents: deepEnough((depth) => byVector(rows, depth), deep) });
    watch.lap("vectors");
    if (history !== null) {
      const how = { fullText: byWords, vectors: byVector ?? null, weights, k };
      lists.push({ list: "history", documents: filesByHistory(parts, history, how) });
    }
    watch.lap("history");
    const query = place === undefined ? text : `like ${placeName(place)}`;
    return answerOf(parts, watch, {
      ...{ query, lists, weights, k, limit },
      weightsFrom: options.weights === undefined ? manifest.search.from : "options",
      words,
      truncated: embedded?.truncated ?? false,
      filtered: rows?.report ?? null,
    });
  };
  return { finish };
}

/**
 * The rows that filters let through, without those of the place the query is from: passages of its lines, and passages
 * of the same file that have most of their lines in common with it, for lines may have moved since they were indexed.
 */
function rowsFor(
  { filter, stored }: IndexParts,
  filters: SearchOptions["filters"] & object,
  place: Place | undefined,
  text: string,
): FilteredRows | null {
  const rows = filter.find(filters);
  if (place === undefined) return rows;
  const { path, startLine = 1, endLine = Number.POSITIVE_INFINITY } = place;
  const lines = new Set(tellingLines(text));
  const own = stored.ofPath(path).filter((passage) => {
    if (passage.startLine <= endLine && passage.endLine >= startLine) return true;
    const theirs = tellingLines(stored.read(passage.row).text);
    return theirs.filter((line) => lines.has(line)).length * 2 > theirs.length;
  });
  return own.length === 0
    ? rows
    : filter.without(
        rows,
        own.map(({ row }) => row),
      );
}

/** Lines with a letter in them: braces are common to all code. */
function tellingLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /\p{L}/u.test(line));
}
